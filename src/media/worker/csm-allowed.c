/* csm-allowed.c: which of FFmpeg's parts may touch a file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-allowed.h"

#include <libavutil/avstring.h>
#include <stddef.h>

/* By FFmpeg's names, as av_match_name() reads them. Everything that FFmpeg itself decodes is
 * here; left out are: what names other files or addresses (below), capture devices, wrappers of
 * other libraries (librsvg, libopenmpt, libgme, ...) but libdav1d, which is FFmpeg's only AV1,
 * hardware decoders, subtitles, and text drawn as pictures (tty, bin, xbin, adf, idf). What is
 * new in a later FFmpeg stays outside until it is named here. */
static const char *const formats =
    "3dostr,4xm,aa,aac,aax,ac3,ace,acm,act,adp,ads,adx,aea,afc,aiff,aix,"
    "alias_pix,alp,amr,amrnb,amrwb,anm,apc,ape,apm,apng,argo_asf,argo_brp,"
    "argo_cvg,asf,asf_o,ast,au,av1,avi,avr,avs,bethsoftvid,bfi,bfstm,bink,"
    "binka,bit,bmp_pipe,bmv,boa,brender_pix,brstm,c93,caf,cavsvideo,cdg,cdxl,"
    "cine,cri_pipe,daud,dcstr,dds_pipe,derf,dfa,dfpwm,dhav,dirac,dnxhd,dpx_pipe,"
    "dsf,dsicin,dss,dts,dtshd,dv,dxa,ea,ea_cdata,eac3,epaf,exr_pipe,film_cpk,"
    "filmstrip,fits,flac,flic,flv,frm,fsb,fwse,g723_1,g729,gdv,gem_pipe,genh,"
    "gif,gif_pipe,gxf,h261,h263,h264,hca,hcom,hevc,hnm,ico,idcin,iff,ifv,"
    "ilbc,ingenient,ipmovie,ipu,ircam,iss,iv8,ivf,ivr,j2k_pipe,jpeg_pipe,"
    "jpegls_pipe,jv,kux,kvag,live_flv,lmlm4,loas,luodat,lvf,lxf,m4v,matroska,"
    "webm,mca,mgsts,mjpeg,mjpeg_2000,mlp,mlv,mm,mmf,mods,moflex,mov,mp4,m4a,"
    "3gp,3g2,mj2,mp3,mpc,mpc8,mpeg,mpegts,mpegvideo,mpjpeg,msf,msnwctcp,msp,"
    "mtaf,mtv,musx,mv,mvi,mxf,mxg,nc,nistsphere,nsp,nsv,nut,nuv,obu,ogg,oma,"
    "paf,pam_pipe,pbm_pipe,pcx_pipe,pfm_pipe,pgm_pipe,pgmyuv_pipe,pgx_pipe,"
    "phm_pipe,photocd_pipe,pictor_pipe,pmp,png_pipe,pp_bnk,ppm_pipe,psd_pipe,"
    "psxstr,pva,pvf,qcp,qdraw_pipe,qoi_pipe,r3d,redspark,rl2,rm,roq,rpl,rsd,"
    "rso,s337m,sbc,sbg,scd,sdr2,sds,sdx,ser,sga,sgi_pipe,shn,siff,"
    "simbiosis_imx,smjpeg,smk,smush,sol,sox,spdif,sunrast_pipe,svag,svs,swf,tak,"
    "thp,tiertexseq,tiff_pipe,tmv,truehd,tta,txd,ty,vag,vbn_pipe,vc1,vc1test,"
    "vividas,vivo,vmd,voc,vpk,vqf,w64,wav,wc3movie,webp_pipe,wsaud,wsd,wsvqa,"
    "wtv,wv,wve,xa,xbm_pipe,xmv,xpm_pipe,xvag,xwd_pipe,xwma,yop,yuv4mpegpipe,"
    "vvc,qoa";

static const char *const referring_formats =
    "hls,dash,concat,sdp,rtsp,rtp,sap,image2,image2pipe,imf,webm_dash_manifest,ffmetadata,"
    "vobsub";

static const char *const decoders =
    /* pictures */
    "012v,4xm,8bps,aasc,agm,aic,alias_pix,amv,anm,apng,arbc,argo,asv1,asv2,"
    "aura,aura2,avrn,avrp,avs,avui,ayuv,bethsoftvid,bfi,binkvideo,bitpacked,bmp,"
    "bmv_video,brender_pix,c93,cavs,cdgraphics,cdtoons,cdxl,cfhd,cinepak,"
    "clearvideo,cljr,cllc,eacmv,cpia,cri,camstudio,cyuv,dds,dfa,dirac,dnxhd,"
    "dpx,dsicinvideo,dvvideo,dxa,dxtory,dxv,escape124,escape130,exr,ffv1,ffvhuff,"
    "fic,fits,flashsv,flashsv2,flic,flv,fmvc,fraps,frwu,g2m,gdv,gem,gif,h261,"
    "h263,h263i,h263p,h264,hap,hevc,hnm4video,hq_hqa,hqx,huffyuv,hymt,"
    "idcinvideo,iff,imm4,imm5,indeo2,indeo3,indeo4,indeo5,interplayvideo,ipu,"
    "jpeg2000,jpegls,jv,kgv1,kmvc,lagarith,loco,lscr,m101,eamad,magicyuv,mdec,"
    "mimic,mjpeg,mjpegb,mmvideo,mobiclip,motionpixels,mpeg1video,mpeg2video,"
    "mpegvideo,mpeg4,msa1,mscc,msmpeg4v1,msmpeg4v2,msmpeg4,msp2,msrle,mss1,mss2,"
    "msvideo1,mszh,mts2,mv30,mvc1,mvc2,mvdv,mvha,mwsc,mxpeg,notchlc,nuv,"
    "paf_video,pam,pbm,pcx,pfm,pgm,pgmyuv,pgx,phm,photocd,pictor,pixlet,png,"
    "ppm,prores,prosumer,psd,ptx,qdraw,qoi,qpeg,qtrle,r10k,r210,rasc,rawvideo,"
    "rl2,roqvideo,rpza,rscc,rv10,rv20,rv30,rv40,sanm,scpr,screenpresso,sga,sgi,"
    "sgirle,sheervideo,simbiosis_imx,smackvid,smc,smvjpeg,snow,sp5x,speedhq,srgc,"
    "sunrast,svq1,svq3,targa,targa_y216,tdsc,eatgq,eatgv,theora,thp,"
    "tiertexseqvideo,tiff,tmv,eatqi,truemotion1,truemotion2,truemotion2rt,camtasia,"
    "tscc2,txd,ultimotion,utvideo,v210,v210x,v308,v408,v410,vb,vble,vbn,vc1,"
    "vc1image,vcr1,xl,vmdvideo,vmnc,vp3,vp4,vp5,vp6,vp6a,vp6f,vp7,vp8,vp9,"
    "wcmv,webp,wmv1,wmv2,wmv3,wmv3image,wnv1,vqavideo,xan_wc3,xan_wc4,xbm,xface,"
    "xpm,xwd,y41p,ylc,yop,yuv4,zerocodec,zlib,zmbv,libdav1d,vvc"
    ","
    /* sound */
    "8svx_exp,8svx_fib,aac,aac_latm,ac3,acelp.kelvin,adpcm_4xm,adpcm_adx,adpcm_afc,"
    "adpcm_agm,adpcm_aica,adpcm_argo,adpcm_ct,adpcm_dtk,adpcm_ea,adpcm_ea_maxis_xa,"
    "adpcm_ea_r1,adpcm_ea_r2,adpcm_ea_r3,adpcm_ea_xas,g722,g726,g726le,"
    "adpcm_ima_acorn,adpcm_ima_alp,adpcm_ima_amv,adpcm_ima_apc,adpcm_ima_apm,"
    "adpcm_ima_cunning,adpcm_ima_dat4,adpcm_ima_dk3,adpcm_ima_dk4,adpcm_ima_ea_eacs,"
    "adpcm_ima_ea_sead,adpcm_ima_iss,adpcm_ima_moflex,adpcm_ima_mtf,adpcm_ima_oki,"
    "adpcm_ima_qt,adpcm_ima_rad,adpcm_ima_smjpeg,adpcm_ima_ssi,adpcm_ima_wav,"
    "adpcm_ima_ws,adpcm_ms,adpcm_mtaf,adpcm_psx,adpcm_sbpro_2,adpcm_sbpro_3,"
    "adpcm_sbpro_4,adpcm_swf,adpcm_thp,adpcm_thp_le,adpcm_vima,adpcm_xa,adpcm_yamaha,"
    "adpcm_zork,alac,amrnb,amrwb,ape,aptx,aptx_hd,atrac1,atrac3,atrac3al,"
    "atrac3plus,atrac3plusal,atrac9,on2avc,binkaudio_dct,binkaudio_rdft,bmv_audio,"
    "cook,derf_dpcm,dfpwm,dolby_e,dsd_lsbf,dsd_lsbf_planar,dsd_msbf,dsd_msbf_planar,"
    "dsicinaudio,dss_sp,dst,dca,dvaudio,eac3,evrc,fastaudio,flac,g723_1,g729,"
    "gremlin_dpcm,gsm,gsm_ms,hca,hcom,iac,ilbc,imc,interplay_dpcm,interplayacm,"
    "mace3,mace6,metasound,mlp,mp1,mp1float,mp2,mp2float,mp3float,mp3,"
    "mp3adufloat,mp3adu,mp3on4float,mp3on4,als,msnsiren,mpc7,mpc8,nellymoser,opus,"
    "paf_audio,pcm_alaw,pcm_bluray,pcm_dvd,pcm_f16le,pcm_f24le,pcm_f32be,pcm_f32le,"
    "pcm_f64be,pcm_f64le,pcm_lxf,pcm_mulaw,pcm_s16be,pcm_s16be_planar,pcm_s16le,"
    "pcm_s16le_planar,pcm_s24be,pcm_s24daud,pcm_s24le,pcm_s24le_planar,pcm_s32be,"
    "pcm_s32le,pcm_s32le_planar,pcm_s64be,pcm_s64le,pcm_s8,pcm_s8_planar,pcm_sga,"
    "pcm_u16be,pcm_u16le,pcm_u24be,pcm_u24le,pcm_u32be,pcm_u32le,pcm_u8,pcm_vidc,"
    "qcelp,qdm2,qdmc,real_144,real_288,ralf,roq_dpcm,s302m,sbc,sdx2_dpcm,shorten,"
    "sipr,siren,smackaud,sol_dpcm,sonic,speex,tak,truehd,truespeech,tta,twinvq,"
    "vmdaudio,vorbis,wavpack,ws_snd1,wmalossless,wmapro,wmav1,wmav2,wmavoice,"
    "xan_dpcm,xma1,xma2,qoa";

const char *
csm_allowed_get_formats (void)
{
  return formats;
}

bool
csm_allowed_is_format (const char *name)
{
  return av_match_name (name, formats) != 0;
}

bool
csm_allowed_is_referring (const char *name)
{
  return av_match_name (name, referring_formats) != 0;
}

const char *
csm_allowed_get_decoders (void)
{
  return decoders;
}

bool
csm_allowed_is_codec (enum AVCodecID id)
{
  const AVCodec *decoder = avcodec_find_decoder (id);

  return decoder != NULL && av_match_name (decoder->name, decoders) != 0;
}
