/* Marking by vectors: a word of 64 bytes becomes bit masks of the bytes that matter. */
#include "io/csv.h"

#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

/* bit i speaks of byte i */
typedef struct {
	uint64_t quote, comma, line, ret, high, low; /* low: below blank, or DEL */
} masks;

typedef masks (*masks_fn)(const char *s);
/* the numbers of the bits set, each plus base, to out; returns what follows them. Up to 15 numbers
 * beyond may be overwritten. */
typedef uint32_t *(*emit_fn)(uint32_t *out, uint64_t bits, uint32_t base);

static inline masks masks_plain(const char *s)
{
	masks m = {0};
	for (int i = 0; i < 64; i++) {
		unsigned char c = (unsigned char)s[i];
		m.quote |= (uint64_t)(c == '"') << i;
		m.comma |= (uint64_t)(c == ',') << i;
		m.line |= (uint64_t)(c == '\n') << i;
		m.ret |= (uint64_t)(c == '\r') << i;
		m.high |= (uint64_t)(c >> 7) << i;
		m.low |= (uint64_t)(c < ' ' || c == 0x7f) << i;
	}
	return m;
}

/* the number of ones before and at each bit, modulo 2: which bytes stand inside quotes */
static inline uint64_t parity(uint64_t x)
{
	for (int k = 1; k < 64; k *= 2)
		x ^= x << k;
	return x;
}

/* eight at a time without asking: a loop by bit would miss its branch in every word */
static inline uint32_t *emit_plain(uint32_t *out, uint64_t bits, uint32_t base)
{
	int n = __builtin_popcountll(bits);
	for (int done = 0; done < n; done += 8)
		for (int k = 0; k < 8; k++) {
			out[done + k] = base + (bits ? (uint32_t)__builtin_ctzll(bits) : 0);
			bits &= bits - 1;
		}
	return out + n;
}

static inline __attribute__((always_inline)) void mark(
    par_csv_marks *m, const char *s, size_t n, masks_fn look, emit_fn emit)
{
	uint32_t *end = m->ends, *quote = m->quotes;
	uint64_t inside = 0, high = 0, control = 0, lines = 0, returns = 0;
	for (size_t i = 0; i < n; i += 64) {
		masks x = look(s + i);
		uint64_t valid = n - i >= 64 ? ~(uint64_t)0 : ~(~(uint64_t)0 << (n - i));
		uint64_t in = inside, q = x.quote & valid;
		if (q) {
			in ^= parity(q);
			inside = 0 - (in >> 63); /* all ones when the word ends inside */
			quote = emit(quote, q, (uint32_t)i);
		}
		uint64_t line = x.line & ~in & valid;
		end = emit(end, ((x.comma & ~in) | line) & valid, (uint32_t)i);
		lines += (uint64_t)__builtin_popcountll(line);
		returns += (uint64_t)__builtin_popcountll(x.ret & ~in & valid);
		high |= x.high & valid;
		uint64_t odd = x.low & ~(x.line | x.ret) & valid;
		while (odd) { /* tabs are the only ones allowed, and rare */
			control |= s[i + (size_t)__builtin_ctzll(odd)] != '\t';
			odd &= odd - 1;
		}
	}
	m->end_count = (size_t)(end - m->ends);
	m->quote_count = (size_t)(quote - m->quotes);
	m->lines = lines;
	m->returns = returns;
	m->high = high != 0;
	m->control = control != 0;
	m->open = inside != 0;
}

static inline __attribute__((always_inline)) void count(
    par_csv_counts *c, const char *s, size_t n, masks_fn look)
{
	char rest[64] = {0};
	for (size_t i = 0; i < n; i += 64) {
		bool whole = n - i >= 64;
		masks x = look(whole ? s + i : (const char *)memcpy(rest, s + i, n - i));
		c->quotes += __builtin_popcountll(x.quote);
		c->lines += __builtin_popcountll(x.line);
		c->returns += __builtin_popcountll(x.ret);
	}
}

#ifdef __x86_64__
#define AVX2 __attribute__((target("avx2,popcnt,bmi")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi2,popcnt,bmi")))

static inline AVX2 uint64_t two(__m256i a, __m256i b)
{
	return (uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b)
						       << 32;
}

static inline AVX2 uint64_t equal2(__m256i a, __m256i b, char c)
{
	__m256i want = _mm256_set1_epi8(c);
	return two(_mm256_cmpeq_epi8(a, want), _mm256_cmpeq_epi8(b, want));
}

static inline AVX2 uint64_t below2(__m256i a, __m256i b)
{
	__m256i most = _mm256_set1_epi8(0x1f);
	return two(_mm256_cmpeq_epi8(_mm256_min_epu8(a, most), a),
	    _mm256_cmpeq_epi8(_mm256_min_epu8(b, most), b));
}

static inline AVX2 masks masks_avx2(const char *s)
{
	__m256i a = _mm256_loadu_si256((const __m256i *)s);
	__m256i b = _mm256_loadu_si256((const __m256i *)(s + 32));
	return (masks){equal2(a, b, '"'), equal2(a, b, ','), equal2(a, b, '\n'), equal2(a, b, '\r'),
	    two(a, b), below2(a, b) | equal2(a, b, 0x7f)};
}

static inline AVX512 masks masks_avx512(const char *s)
{
	__m512i v = _mm512_loadu_si512(s);
	return (masks){_mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"')),
	    _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(',')),
	    _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')),
	    _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\r')), _mm512_movepi8_mask(v),
	    _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(' ')) |
		_mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(0x7f))};
}

static AVX2 void mark_avx2(par_csv_marks *m, const char *s, size_t n)
{
	mark(m, s, n, masks_avx2, emit_plain);
}

/* the bytes of 0 to 63 whose bits are set move to the front, and then become words 16 at a time */
static inline AVX512 uint32_t *emit_avx512(uint32_t *out, uint64_t bits, uint32_t base)
{
	static const uint8_t number[64] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	    17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38,
	    39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60,
	    61, 62, 63};
	int n = __builtin_popcountll(bits);
	__m512i at = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(number));
	__m512i from = _mm512_set1_epi32((int)base);
	for (int done = 0; done < n; done += 16) {
		__m512i word = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(at));
		_mm512_storeu_si512(out + done, _mm512_add_epi32(word, from));
		at = _mm512_alignr_epi64(at, at, 2);
	}
	return out + n;
}

static AVX512 void mark_avx512(par_csv_marks *m, const char *s, size_t n)
{
	mark(m, s, n, masks_avx512, emit_avx512);
}

static AVX2 void count_avx2(par_csv_counts *c, const char *s, size_t n)
{
	count(c, s, n, masks_avx2);
}
#endif

void par_csv_mark(par_csv_marks *m, const char *s, size_t n)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw")) {
		mark_avx512(m, s, n);
		return;
	}
	if (__builtin_cpu_supports("avx2")) {
		mark_avx2(m, s, n);
		return;
	}
#endif
	mark(m, s, n, masks_plain, emit_plain);
}

void par_csv_count(par_csv_counts *c, const char *s, size_t n)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2")) {
		count_avx2(c, s, n);
		return;
	}
#endif
	count(c, s, n, masks_plain);
}
