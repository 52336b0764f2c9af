#include "io/picture_codec.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdio.h>
/* wants stdio.h before it */
#include <jpeglib.h>

typedef struct {
	struct jpeg_error_mgr base; /* first, so that libjpeg's pointer is ours too */
	jmp_buf out;
	char why[JMSG_LENGTH_MAX];
} trouble;

static void on_error(j_common_ptr c)
{
	trouble *t = (trouble *)c->err;
	t->base.format_message(c, t->why);
	longjmp(t->out, 1);
}

/* libjpeg goes on with grey pixels after damaged data and calls it a warning (level -1) */
static void on_message(j_common_ptr c, int level)
{
	if (level < 0)
		on_error(c);
}

static par_err start(struct jpeg_decompress_struct *c, par_picture *p, const char *name)
{
	jpeg_read_header(c, TRUE);
	if (c->jpeg_color_space == JCS_CMYK || c->jpeg_color_space == JCS_YCCK)
		return par_fail(PAR_E_DATA,
		    "%s: a JPEG for print (CMYK); wanted grey or RGB; convert it", par_shows(name));
	c->out_color_space = c->jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
	/* the decoding whose bits do not depend on the processor */
	c->dct_method = JDCT_ISLOW;
	PAR_TRY(par_picture_make(
	    p, name, c->image_height, c->image_width, c->out_color_space == JCS_GRAYSCALE ? 1 : 3));
	return PAR_OK;
}

/* a progressive file of many scans can cost hours; honest ones have about ten */
#define SCANS 100

static void watch_scans(j_common_ptr c)
{
	if (((j_decompress_ptr)c)->input_scan_number > SCANS) {
		snprintf(((trouble *)c->err)->why, JMSG_LENGTH_MAX, "more than %d scans", SCANS);
		longjmp(((trouble *)c->err)->out, 1);
	}
}

static par_err decode(struct jpeg_decompress_struct *c, par_picture *p, const char *name)
{
	PAR_TRY(start(c, p, name));
	jpeg_start_decompress(c);
	size_t stride = (size_t)p->width * (size_t)p->channels;
	while (c->output_scanline < c->output_height) {
		JSAMPROW row = p->pixels + c->output_scanline * stride;
		jpeg_read_scanlines(c, &row, 1);
	}
	jpeg_finish_decompress(c);
	return PAR_OK;
}

par_err par_jpeg_decode(par_picture *p, const char *name, const unsigned char *bytes, size_t n)
{
	struct jpeg_decompress_struct c;
	struct jpeg_progress_mgr progress = {.progress_monitor = watch_scans};
	trouble t;
	c.err = jpeg_std_error(&t.base);
	t.base.error_exit = on_error;
	t.base.emit_message = on_message;
	/* nothing this function owns changes between here and a jump */
	if (setjmp(t.out)) { /* NOLINT(cert-err52-cpp): libjpeg knows no other way */
		jpeg_destroy_decompress(&c);
		return par_fail(PAR_E_DATA,
		    "%s: the JPEG is damaged: %s; wanted a whole picture; export it again or "
		    "remove it",
		    par_shows(name), par_shows(t.why));
	}
	jpeg_create_decompress(&c);
	c.progress = &progress;
	jpeg_mem_src(&c, bytes, n);
	par_err e = decode(&c, p, name);
	jpeg_destroy_decompress(&c);
	return e;
}
