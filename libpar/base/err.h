/* Errors: a local failure is recorded where it happens and travels up as a code.
 *
 * The code says what kind of trouble it is and which status the job ends with; the story, kept once
 * a process, says what happened in the user's words: FILE:LINE:COLUMN: what; wanted; what to do.
 * A story stays on its rank until comm/world.h's agreement hands it to all of them. */
#ifndef PAR_BASE_ERR_H
#define PAR_BASE_ERR_H

/* code, exit status of the job, short reading */
#define PAR_ERR_LIST(X)                                                     \
	X(PAR_OK, 0, "no error")                                            \
	X(PAR_E_USAGE, 64, "the command line is wrong")                     \
	X(PAR_E_DATA, 65, "an input is malformed")                          \
	X(PAR_E_INPUT, 66, "an input cannot be opened")                     \
	X(PAR_E_PACKAGE, 69, "a package or service is missing")             \
	X(PAR_E_BUG, 70, "a broken promise of our own code")                \
	X(PAR_E_NUMERIC, 70, "a number went wrong")                         \
	X(PAR_E_MEMORY, 71, "memory or another system resource ran out")    \
	X(PAR_E_CREATE, 73, "an output cannot be created")                  \
	X(PAR_E_IO, 74, "reading or writing failed midway")                 \
	X(PAR_E_AGAIN, 75, "the checkpoint advanced; submit again")         \
	X(PAR_E_CHECKER, 76, "an input killed the process that checked it") \
	X(PAR_E_CONFIG, 78, "the configuration is wrong")                   \
	X(PAR_E_HANG, 80, "a phase passed its time limit")                  \
	X(PAR_E_GATE, 81, "the quality gate refused")

typedef enum par_err {
#define X(name, status, text) name,
	PAR_ERR_LIST(X)
#undef X
} par_err;

/* local | start this rank's story and hand the code back: return par_fail(PAR_E_DATA, ...).
 * Bytes that came out of a file belong through par_text_show (base/text.h) first. */
#define par_fail(...) par_failed(par_fail_at(__FILE__, __LINE__, __VA_ARGS__))
par_err par_fail_at(const char *file, int line, par_err code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* a failure is never PAR_OK: said aloud, so that compilers and analysers follow only real paths */
static inline par_err par_failed(par_err e)
{
	if (e == PAR_OK)
		__builtin_unreachable();
	return e;
}

#define PAR_TRY(call)                          \
	do {                                   \
		par_err par_try_err_ = (call); \
		if (par_try_err_ != PAR_OK)    \
			return par_try_err_;   \
	} while (0)

/* local | the story so far ("" when there is none) and the source line that began it */
const char *par_err_why(void);
const char *par_err_where(void);
/* local | take over another rank's story */
void par_err_adopt(const char *why, const char *where);

int par_err_status(par_err code);
const char *par_err_text(par_err code);

/* A broken contract in our own code: prints the values and a backtrace, then ends the job through
 * the hook (comm/world.h makes it MPI_Abort with status 70). On in every build; cheap tests only.
 */
#define PAR_MUST(cond, ...)                                                      \
	do {                                                                     \
		if (!(cond))                                                     \
			par_must_failed(__FILE__, __LINE__, #cond, __VA_ARGS__); \
	} while (0)
void par_must_failed(const char *file, int line, const char *cond, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 4, 5)));
extern void (*par_must_hook)(int status);

#endif
