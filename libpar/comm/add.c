#include "comm/add.h"

#include "base/cpu.h"

#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* n elements; integers as unsigned ones, which wrap around */
#define ADD(type)                                                                       \
	do {                                                                            \
		for (size_t i = 0; i < n; i++)                                          \
			((type *)out)[i] = ((const type *)a)[i] + ((const type *)b)[i]; \
	} while (0)

static void add_rest(par_dtype type, void *out, const void *a, const void *b, size_t bytes)
{
	size_t n = bytes / par_dtype_bytes(type);
	if (type == PAR_F32)
		ADD(float);
	else if (type == PAR_F64)
		ADD(double);
	else if (type == PAR_I32)
		ADD(uint32_t);
	else
		ADD(uint64_t);
}

#if defined(__x86_64__)
/* whole 64-byte lines; each returns the bytes it has done */
__attribute__((target("avx512f"))) static size_t add_avx512(
    par_dtype type, char *out, const char *a, const char *b, size_t bytes, bool past_cache)
{
	size_t i = 0;
	for (; i + 64 <= bytes; i += 64) {
		__m512i s;
		if (type == PAR_F32)
			s = _mm512_castps_si512(
			    _mm512_add_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i)));
		else
			s = _mm512_castpd_si512(
			    _mm512_add_pd(_mm512_loadu_pd(a + i), _mm512_loadu_pd(b + i)));
		if (past_cache)
			_mm512_stream_si512((void *)(out + i), s);
		else
			_mm512_storeu_si512(out + i, s);
	}
	return i;
}

__attribute__((target("avx2"))) static __m256i add_half_line(
    par_dtype type, const char *a, const char *b)
{
	if (type == PAR_F32)
		return _mm256_castps_si256(
		    _mm256_add_ps(_mm256_loadu_ps((const float *)(const void *)a),
			_mm256_loadu_ps((const float *)(const void *)b)));
	return _mm256_castpd_si256(_mm256_add_pd(_mm256_loadu_pd((const double *)(const void *)a),
	    _mm256_loadu_pd((const double *)(const void *)b)));
}

__attribute__((target("avx2"))) static size_t add_avx2(
    par_dtype type, char *out, const char *a, const char *b, size_t bytes, bool past_cache)
{
	size_t i = 0;
	for (; i + 64 <= bytes; i += 64) {
		__m256i s = add_half_line(type, a + i, b + i);
		__m256i t = add_half_line(type, a + i + 32, b + i + 32);
		__m256i *to = (__m256i *)(void *)(out + i);
		if (past_cache) {
			_mm256_stream_si256(to, s);
			_mm256_stream_si256(to + 1, t);
		} else {
			_mm256_storeu_si256(to, s);
			_mm256_storeu_si256(to + 1, t);
		}
	}
	return i;
}
#endif

void par_add(par_dtype type, void *out, const void *a, const void *b, size_t bytes, bool past_cache)
{
	size_t done = 0;
#if defined(__x86_64__)
	bool floats = type == PAR_F32 || type == PAR_F64;
	if (floats && par_cpu_kernels() == PAR_KERNELS_AVX512)
		done = add_avx512(type, out, a, b, bytes, past_cache);
	else if (floats && par_cpu_kernels() == PAR_KERNELS_AVX2)
		done = add_avx2(type, out, a, b, bytes, past_cache);
#else
	(void)past_cache;
#endif
	add_rest(
	    type, (char *)out + done, (const char *)a + done, (const char *)b + done, bytes - done);
}

void par_add_fence(void)
{
#if defined(__x86_64__)
	_mm_sfence();
#endif
}
