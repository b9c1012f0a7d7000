"""killed: a case at work whose casectl is killed at random moments; what was said to be saved must be there.
SPDX-License-Identifier: GPL-3.0-or-later"""
import itertools
import shutil
import time

COMMANDS = ["import", "mark", "merge", "mark", "backup", "erase", "rotate", "mark", "erase", "merge"]
LONG = 600


class Session:
    """One case, and what is known of it: what casectl acknowledged, or once showed, stays; what it erased stays away.
    Marks go by their ids, exhibits by their digests."""

    def __init__(self, place, rng, seed):
        self.place = place
        self.rng = rng
        self.seed = seed
        self.base = place.clip("base.avi", frames=4, size="64x48").read_bytes()
        self.n_files = self.n_kills = self.n_commands = 0
        self.lengths = {}
        self.things, self.erased, self.doubtful = set(), set(), set()
        self.other, self.backed_up = None, None
        place.make_case()
        self.run("import")
        self.run("mark")

    # What is done

    def clip(self):
        """A file that the case has not had: a copy of one clip with a number behind it."""
        self.n_files += 1
        path = self.place.folder / f"clip-{self.n_files}.avi"
        path.write_bytes(self.base + self.n_files.to_bytes(8, "little"))
        return path

    def list(self, case):
        """What @case shows: {mark's id or exhibit's digest: how a command names it}, and {mark: its exhibit}."""
        exhibits = {e["number"]: e["sha256"] for e in self.place.json("exhibits", case)}
        marks = {m["id"]: exhibits[m["exhibit"]] for m in self.place.json("marks", case)}
        return {digest: number for number, digest in exhibits.items()} | {mark: mark for mark in marks}, marks

    def start_import(self):
        def hear(output):
            # A line without its end was never said.
            self.things |= {line.split("  ")[2] for line in output.split("\n")[:-1]}
        return ["import", self.place.case, self.clip()], hear

    def start_mark(self):
        exhibits = self.place.json("exhibits", self.place.case)
        start = self.rng.randrange(3)

        def hear(output):
            self.things |= set(output.split("\n")[:-1])
        return ["mark", self.place.case, self.rng.choice(exhibits)["number"], "--from", str(start), "--to", str(start + 1),
                "--text", f"mark {self.n_commands}"], hear

    def start_merge(self):
        """With another copy that went on by itself; now and then an old one, which holds what was erased since."""
        if self.other is None or self.rng.randrange(3) == 0:
            shutil.rmtree(self.place.folder / "other", ignore_errors=True)
            # Nothing is left half done in what is copied.
            self.run("mark")
            self.other = self.place.copy("other")
        number = self.place.run("import", self.other, self.clip()).stdout.split("  ")[0]
        self.place.run("mark", self.other, number, "--from", "1", "--text", "there")
        there = set(self.list(self.other)[0])

        def hear(output):
            if output.endswith("\n"):
                self.things |= there - self.erased
        return ["merge", self.place.case, self.other], hear

    def start_rotate(self):
        return ["key", "rotate", self.place.case], lambda output: None

    def start_backup(self):
        before = set(self.things)

        def hear(output):
            if output.endswith("\n"):
                self.backed_up = before
        return ["backup", self.place.case, "stick"], hear

    def start_erase(self):
        names, marks = self.list(self.place.case)
        exhibits = sorted(set(names) - set(marks))
        # The first exhibit stays: marks need one.
        thing = self.rng.choice(sorted(marks) + exhibits) if len(exhibits) > 1 else None
        if thing is None or (thing in exhibits and names[thing] == "E-0001"):
            return self.start_mark()
        self.doubtful = {thing} | {mark for mark, exhibit in marks.items() if exhibit == thing}
        gone = set(self.doubtful)

        def hear(output):
            if output.endswith("\n"):
                self.erased |= gone
                self.things -= gone
        return ["erase", self.place.case, names[thing], "--reason", "asked to"], hear

    def run(self, command, after=LONG):
        """Whether @command came to its end before it was killed."""
        args, hear = getattr(self, "start_" + command)()
        start = time.monotonic()
        done, output = self.place.run_or_kill(*args, after=after)
        hear(output)
        self.n_commands += 1
        if done:
            self.lengths[command] = time.monotonic() - start
        return done

    # What must hold

    def check(self, moment):
        case = self.place.case
        done = self.place.run("verify", case, "--media", code=None)
        if done.returncode != 0 and "once for writing" in done.stderr:
            self.place.run("mark", case, "E-0001", "--from", "1")
            done = self.place.run("verify", case, "--media", code=None)
        assert done.returncode == 0, f"{moment}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        seen = set(self.list(case)[0])
        lost = self.things - self.doubtful - seen
        assert not lost, f"{moment}: lost {lost}"
        self.erased |= self.doubtful - seen
        self.doubtful = set()
        assert not self.erased & seen, f"{moment}: not erased: {self.erased & seen}"
        self.things = seen
        if self.backed_up is not None:
            self.check_backup(moment)

    def check_backup(self, moment):
        copy = self.place.folder / "stick" / self.place.case.name
        self.place.run("verify", copy, "--media")
        lost = self.backed_up - self.erased - set(self.list(copy)[0])
        assert not lost, f"{moment}: the backup lost {lost}"

    def kill(self, command):
        """Kills @command somewhere within the time that it last took, and looks at what there is."""
        if command not in self.lengths:
            assert self.run(command)
            self.check(f"after {command}")
        after = self.rng.uniform(0, self.lengths[command])
        done = self.run(command, after=after)
        self.n_kills += not done
        self.check(f"{command} killed at {after:.4f} s of {self.lengths[command]:.4f}, seed {self.seed}")

    def end(self):
        """Once something was written, nothing is left of what was not finished."""
        self.run("import")
        self.run("mark")
        self.check(f"the end, seed {self.seed}")
        left = [p.name for p in [*self.place.folder.iterdir(), *self.place.media.iterdir()] if ".part" in p.name]
        assert not left, f"the end, seed {self.seed}: left {left}"


def run_case(place, rng, seed, commands, kills):
    """A case that is killed @kills times over @commands in turn: the Session, for its counts."""
    session = Session(place, rng, seed)
    for command in itertools.cycle(commands):
        if session.n_kills >= kills:
            break
        session.kill(command)
    session.end()
    return session
