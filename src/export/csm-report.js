"use strict";
/* Plays the exhibits and jumps to the marks' frames. The browser says by the time stamp of the
 * picture that it presents whether it is the frame asked for; where it is another one, the still
 * stands in its place. */
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const words = JSON.parse(document.getElementById("words").textContent);
  const say = (key, values) =>
    words[key].replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));

  /* hh:mm:ss.mmm of media time, rounded down as everywhere in the report. */
  const clock = (ticks, [num, den]) => {
    const ms = Math.floor((ticks * 1000 * num) / den);
    const part = (value, digits) => String(value).padStart(digits, "0");
    const n = Math.abs(ms);
    return (ms < 0 ? "-" : "") + part(Math.floor(n / 3600000), 2) + ":" +
      part(Math.floor(n / 60000) % 60, 2) + ":" + part(Math.floor(n / 1000) % 60, 2) + "." +
      part(n % 1000, 3);
  };

  /* Time stamps of frames, in pieces: first frame, its ticks, and runs of equal steps. */
  class Index {
    constructor(data) {
      this.base = data.base;
      this.count = data.count;
      this.last = data.last;
      this.pieces = data.pieces.map(([first, ticks, runs]) => {
        const all = [ticks];
        for (let i = 0; i < runs.length; i += 2)
          for (let j = 0; j < runs[i + 1]; j++) {
            ticks += runs[i];
            all.push(ticks);
          }
        return { first, ticks: all };
      });
    }
    ticks(frame) {
      for (const piece of this.pieces)
        if (frame >= piece.first && frame < piece.first + piece.ticks.length)
          return piece.ticks[frame - piece.first];
      return null;
    }
    seconds(ticks) {
      return (ticks * this.base[0]) / this.base[1];
    }
    /* How long it is shown, in ticks; null: not told apart by time. */
    length(frame) {
      const own = this.ticks(frame), next = this.ticks(frame + 1);
      if (own === null) return null;
      if (next !== null) return next > own ? next - own : null;
      return this.last > 0 ? this.last : 1;
    }
    matches(frame, seconds) {
      const gap = Math.min(...[this.length(frame), frame > 0 ? this.length(frame - 1) : null]
        .filter((length) => length !== null).map((length) => this.seconds(length)));
      const off = Math.abs(seconds - this.seconds(this.ticks(frame)));
      return off <= Math.max(0.000002, Math.min(0.001, gap / 3));
    }
    find(seconds) {
      for (const { first, ticks } of this.pieces) {
        let low = 0, high = ticks.length - 1;
        while (low < high) {
          const middle = (low + high + 1) >> 1;
          if (this.seconds(ticks[middle]) <= seconds + 0.000002) low = middle;
          else high = middle - 1;
        }
        if (this.matches(first + low, seconds)) return first + low;
      }
      return null;
    }
  }

  const drawRegions = (svg, matrix, regions) => {
    svg.replaceChildren();
    for (const name of ["outline", "region"])
      for (const [x, y, width, height] of regions) {
        const rect = document.createElementNS(SVG, "rect");
        Object.entries({ x, y, width, height, class: name, transform: `matrix(${matrix})` })
          .forEach(([key, value]) => rect.setAttribute(key, value));
        svg.append(rect);
      }
  };

  class Player {
    constructor(element) {
      this.element = element;
      this.media = element.querySelector("video, audio");
      this.video = this.media !== null && this.media.tagName === "VIDEO" ? this.media : null;
      this.stage = element.querySelector(".stage");
      this.overlay = element.querySelector(".stage > svg");
      this.readout = element.querySelector(".readout");
      this.stateLine = element.querySelector(".state");
      this.buttons = Object.fromEntries(
        [...element.querySelectorAll("button")].map((button) => [button.name, button]));
      const data = element.querySelector("script");
      this.index = data !== null ? new Index(JSON.parse(data.textContent)) : null;
      this.mark = null;
      this.frame = null;
      this.turn = 0;
      this.presented = null;
      this.waiting = null;
      this.until = null;
      for (const [name, button] of Object.entries(this.buttons))
        button.addEventListener("click", () => this.press(name));
      element.addEventListener("keydown", (event) => this.key(event));
      this.range = element.querySelector("input");
      if (this.media === null) this.die();
      else this.listen();
      this.update();
    }
    listen() {
      this.media.addEventListener("error", () => this.die());
      this.media.addEventListener("timeupdate", () => this.endSpan());
      if (this.video === null) return;
      /* The browser's own buttons would lie on the picture. */
      this.video.controls = false;
      this.range.addEventListener("input", () => {
        this.leave();
        this.video.currentTime = this.range.value;
      });
      for (const name of ["play", "pause", "ended", "volumechange"])
        this.video.addEventListener(name, () => this.update());
      for (const name of ["timeupdate", "durationchange", "seeked"])
        this.video.addEventListener(name, () => {
          this.range.max = Number.isFinite(this.video.duration) ? this.video.duration : 0;
          this.range.value = this.video.currentTime;
        });
      this.video.addEventListener("loadedmetadata", () => {
        if (this.video.videoWidth === 0) this.die();
      });
      this.video.addEventListener("play", () => this.hideStill());
      if (!this.video.requestVideoFrameCallback) return;
      const tick = (now, { mediaTime }) => {
        this.presented = mediaTime;
        this.video.requestVideoFrameCallback(tick);
        if (this.waiting !== null) this.waiting(mediaTime);
        else this.follow(mediaTime);
      };
      this.video.requestVideoFrameCallback(tick);
    }
    /* What cannot be played is shown by its stills. */
    die() {
      this.element.classList.add("dead");
      this.dead = true;
      if (this.mark !== null) this.showStill();
      else this.setState("dead", "");
      if (this.waiting !== null) this.waiting(null);
    }
    setState(state, text) {
      this.element.dataset.state = state;
      this.stateLine.textContent = text;
    }
    setReadout(frame) {
      this.frame = frame;
      this.readout.textContent = frame === null || this.index === null ? "" : say("frame", {
        frame, count: this.index.count, time: clock(this.index.ticks(frame), this.index.base),
      });
      this.update();
    }
    update() {
      const { run, sound, first, previous, next, last, play } = this.buttons;
      const mark = this.mark, still = this.dead || mark === null || mark.sound || mark.elsewhere;
      if (play) play.disabled = this.dead || mark === null || mark.elsewhere;
      if (run) {
        run.disabled = sound.disabled = this.range.disabled = this.dead;
        run.textContent = this.video.paused ? words.run : words.pause;
        sound.setAttribute("aria-pressed", String(!this.video.muted));
      }
      if (!first) return;
      first.disabled = last.disabled = still;
      previous.disabled = still || this.frame === null || this.frame <= mark.from;
      next.disabled = still || this.frame === null || this.frame >= mark.to;
    }
    /* To where no mark leads. */
    leave() {
      this.turn++;
      this.until = null;
      if (this.waiting !== null) this.waiting(null);
      this.hideStill();
    }
    /* While it plays. */
    follow(seconds) {
      if (this.index === null) return;
      const frame = this.index.find(seconds);
      this.setReadout(frame);
      this.setState("playing", "");
      this.drawMark(frame);
    }
    drawMark(frame) {
      const mark = this.mark;
      const inside = mark !== null && frame !== null && frame >= mark.from && frame <= mark.to;
      drawRegions(this.overlay, this.element.dataset.matrix, inside ? mark.regions : []);
    }
    endSpan() {
      if (this.until !== null && this.media.currentTime >= this.until) {
        this.until = null;
        this.media.pause();
        if (!this.mark.sound) this.show(this.mark.to);
      }
    }
    press(name) {
      const mark = this.mark;
      if (name === "first") this.show(mark.from);
      else if (name === "last") this.show(mark.to);
      else if (name === "previous") this.show(Math.max(this.frame - 1, mark.from));
      else if (name === "next") this.show(Math.min(this.frame + 1, mark.to));
      else if (name === "play") this.play();
      else if (name === "sound") this.video.muted = !this.video.muted;
      else if (name === "run") {
        this.leave();
        if (this.video.paused) this.video.play().catch(() => {});
        else this.video.pause();
      }
    }
    key(event) {
      const name = { ",": "previous", ".": "next", Home: "first", End: "last" }[event.key];
      if (name === undefined || event.target.tagName === "INPUT") return;
      if (this.buttons[name] && !this.buttons[name].disabled) this.press(name);
      event.preventDefault();
    }
    ready() {
      if (this.dead || this.media.readyState >= 1) return Promise.resolve();
      this.media.preload = "auto";
      return new Promise((done) => {
        this.media.addEventListener("loadedmetadata", done, { once: true });
        this.media.addEventListener("error", done, { once: true });
      });
    }
    async seek(seconds) {
      const sought = new Promise((done) => {
        this.media.addEventListener("seeked", done, { once: true });
        this.media.addEventListener("error", done, { once: true });
      });
      this.media.currentTime = Math.max(0, seconds);
      await sought;
    }
    /* Whether the browser presents @frame before giveUp(). */
    whenPresented(frame) {
      return new Promise((done) => {
        this.waiting = (seconds) => {
          if (seconds !== null && !this.index.matches(frame, seconds)) return;
          this.waiting = null;
          /* Without a new picture the one before still stands there. */
          done(this.presented !== null && this.index.matches(frame, this.presented));
        };
      });
    }
    /* Ends the wait of this turn, when nothing that fits has come. */
    giveUp(turn) {
      if (turn === this.turn && this.waiting !== null) this.waiting(null);
    }
    /* true or false: it presents @frame or another one; null: it does not say. */
    async present(frame, seconds, turn) {
      /* It is there already: no new picture would come. */
      if (this.asked === seconds && this.video.currentTime === this.reached &&
          this.presented !== null && this.index.matches(frame, this.presented))
        return true;
      const waiting = this.video.requestVideoFrameCallback
        ? this.whenPresented(frame) : Promise.resolve(null);
      await this.seek(seconds);
      this.asked = seconds;
      this.reached = this.video.currentTime;
      const timer = setTimeout(() => this.giveUp(turn), 1500);
      const exact = await waiting;
      clearTimeout(timer);
      return exact;
    }
    async show(frame) {
      const turn = ++this.turn;
      this.until = null;
      if (this.waiting !== null) this.waiting(null);
      this.setState("seeking", "");
      if (!this.dead) {
        this.media.pause();
        await this.ready();
      }
      if (turn !== this.turn) return;
      if (this.mark.sound) return this.showSound();
      if (this.mark.elsewhere) return this.showElsewhere();
      const length = this.index === null ? null : this.index.length(frame);
      this.setReadout(this.index !== null && this.index.ticks(frame) !== null ? frame : null);
      if (this.dead) return this.showStill();
      if (length === null) return this.showStill("same");
      const middle = this.index.seconds(this.index.ticks(frame) + length / 2);
      let exact = await this.present(frame, middle, turn);
      /* Only once it has been at the end does a browser know where some files end. */
      if (exact === false && turn === this.turn) exact = await this.present(frame, middle, turn);
      if (turn !== this.turn) return;
      if (exact === false) return this.showStill("other");
      this.hideStill();
      this.drawMark(frame);
      this.setState(exact ? "exact" : "unknown", exact ? words.exact : words.unknown);
    }
    async showSound() {
      if (this.dead) return this.setState("dead", "");
      await this.seek(this.mark.start);
      this.readout.textContent = this.mark.words;
      this.setState("exact", "");
      this.update();
    }
    showElsewhere() {
      this.setReadout(null);
      this.readout.textContent = this.mark.words;
      this.showStill("track");
    }
    async play() {
      const mark = this.mark;
      this.leave();
      const turn = this.turn;
      if (this.dead) return;
      await this.ready();
      await this.seek(mark.start);
      if (turn !== this.turn) return;
      this.until = mark.end;
      this.media.play().catch(() => {});
    }
    /* The still of the mark's first frame, in the picture's place. */
    showStill(why) {
      const picture = this.mark.card.querySelector(".pic");
      this.hideStill();
      if (picture === null || (this.frame !== null && this.frame !== this.mark.from))
        return this.setState("other", this.dead ? "" : words[why] + " " + words.nostill);
      const box = document.createElement("div");
      box.className = "instead";
      const copy = picture.cloneNode(true);
      copy.querySelector("img").loading = "eager";
      box.append(copy);
      this.stage.append(box);
      this.setState("still", this.dead ? words.still : words[why] + " " + words.still);
    }
    hideStill() {
      for (const box of this.stage.querySelectorAll(".instead")) box.remove();
    }
    choose(mark) {
      for (const card of document.querySelectorAll(".mark.current")) {
        card.classList.remove("current");
        card.removeAttribute("aria-current");
      }
      mark.card.classList.add("current");
      mark.card.setAttribute("aria-current", "true");
      this.mark = mark;
      return this.show(mark.from);
    }
  }

  const players = new Map();
  const playerOf = (card) => {
    const element = card.closest(".exhibit").querySelector(".player");
    if (!players.has(element)) players.set(element, new Player(element));
    return players.get(element);
  };
  const readMark = (card) => {
    const data = card.dataset;
    const [num, den] = data.base.split("/").map(Number);
    return {
      card,
      from: Number(data.from), to: Number(data.to),
      sound: "sound" in data,
      elsewhere: "elsewhere" in data, /* on a video track that browsers do not play */
      start: (Number(data.fromTicks) * num) / den, end: (Number(data.endTicks) * num) / den,
      words: card.querySelector("h4").textContent,
      regions: data.regions ? data.regions.split(";").map((r) => r.split(",").map(Number)) : [],
    };
  };
  const choose = (card) => playerOf(card).choose(readMark(card));

  document.documentElement.classList.add("live");
  for (const card of document.querySelectorAll(".mark")) {
    card.querySelector(".show").addEventListener("click", (event) => {
      event.preventDefault();
      try {
        history.replaceState(null, "", "#" + card.id);
      } catch (error) {
        /* A browser may refuse it to a file; the link works without. */
      }
      choose(card);
    });
    card.querySelector(".toggle").addEventListener("click", ({ currentTarget }) => {
      currentTarget.setAttribute("aria-expanded", String(card.classList.toggle("open")));
    });
  }
  for (const element of document.querySelectorAll(".player"))
    players.set(element, new Player(element));
  const chooseByAddress = () => {
    const card = document.getElementById(location.hash.slice(1));
    if (card !== null && card.classList.contains("mark")) choose(card);
  };
  window.addEventListener("hashchange", chooseByAddress);
  chooseByAddress();
  document.documentElement.dataset.ready = "";
})();
