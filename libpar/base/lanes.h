/* Lanes: one vector of floats, as wide as the kernel set allows.
 *
 * A file NAME.k.c is compiled once for each kernel set (base/cpu.h) and calls its entry points
 * KERNEL(name), which become name_plain, name_avx2 and name_avx512; a plain .c file declares the
 * three with KERNEL_SETS and picks one by par_cpu_kernels(). Nothing else may differ between sets:
 * an element's operations and their order are the same in all. The product of a fused
 * multiply-add is not rounded in avx2 and avx512, which give equal bits; plain has no such
 * instruction and rounds it. */
#ifndef PAR_BASE_LANES_H
#define PAR_BASE_LANES_H

#define KERNEL_SETS(name)                                \
	{                                                \
		name##_plain, name##_avx2, name##_avx512 \
	}

/* the three kernels of a declared function NAME; a call of the one in use (base/cpu.h):
 *	KERNELS_DECLARE(par_map_exp);
 *	KERNEL_CALL(par_map_exp, n, x, y); */
#define KERNELS_DECLARE(name) extern __typeof__(name) name##_plain, name##_avx2, name##_avx512
#define KERNEL_CALL(name, ...)                                                   \
	(par_cpu_kernels() == PAR_KERNELS_AVX512    ? name##_avx512(__VA_ARGS__) \
	    : par_cpu_kernels() == PAR_KERNELS_AVX2 ? name##_avx2(__VA_ARGS__)   \
						    : name##_plain(__VA_ARGS__))

#ifdef KERNEL_SET /* set by the build for NAME.k.c: 0 plain, 1 AVX2, 2 AVX-512 */

#if !defined(__x86_64__)
#undef KERNEL_LEVEL
#define KERNEL_LEVEL 0
#else
#define KERNEL_LEVEL KERNEL_SET
#endif

#if KERNEL_SET == 2
#define KERNEL(name) name##_avx512
#elif KERNEL_SET == 1
#define KERNEL(name) name##_avx2
#else
#define KERNEL(name) name##_plain
#endif

#if KERNEL_LEVEL == 2
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
#define LANES 16
#elif KERNEL_LEVEL == 1
#pragma GCC target("avx2,fma")
#define LANES 8
#else
#define LANES 4
#endif

#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int32_t ivec __attribute__((vector_size(4 * LANES))); /* comparisons give 0 and -1 */
typedef float vec_anywhere __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

INLINE vec vec_all(float a)
{
	return a - (vec){0};
}

INLINE vec vec_load(const float *p)
{
	return *(const vec_anywhere *)p;
}

INLINE void vec_store(float *p, vec v)
{
	*(vec_anywhere *)p = v;
}

/* the first n lanes, 0 <= n <= LANES; the others are 0 */
INLINE vec vec_load_some(const float *p, int64_t n)
{
#if KERNEL_LEVEL == 2
	return (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#else
	vec v = {0};
	memcpy(&v, p, (size_t)n * sizeof *p);
	return v;
#endif
}

INLINE void vec_store_some(float *p, vec v, int64_t n)
{
#if KERNEL_LEVEL == 2
	_mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#else
	memcpy(p, &v, (size_t)n * sizeof *p);
#endif
}

/* a * b + c */
INLINE vec vec_fma(vec a, vec b, vec c)
{
#if KERNEL_LEVEL == 2
	return (vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif KERNEL_LEVEL == 1
	return (vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
	return a * b + c;
#endif
}

INLINE vec vec_pick(ivec m, vec yes, vec no)
{
	return (vec)(((ivec)yes & m) | ((ivec)no & ~m));
}

/* a > b ? a : b and a < b ? a : b: with a NaN in either, b */
INLINE vec vec_max(vec a, vec b)
{
#if KERNEL_LEVEL == 2
	return (vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif KERNEL_LEVEL == 1
	return (vec)_mm256_max_ps((__m256)a, (__m256)b);
#else
	return vec_pick(a > b, a, b);
#endif
}

INLINE vec vec_min(vec a, vec b)
{
#if KERNEL_LEVEL == 2
	return (vec)_mm512_min_ps((__m512)a, (__m512)b);
#elif KERNEL_LEVEL == 1
	return (vec)_mm256_min_ps((__m256)a, (__m256)b);
#else
	return vec_pick(a < b, a, b);
#endif
}

INLINE vec vec_sqrt(vec a)
{
#if KERNEL_LEVEL == 2
	return (vec)_mm512_sqrt_ps((__m512)a);
#elif KERNEL_LEVEL == 1
	return (vec)_mm256_sqrt_ps((__m256)a);
#elif defined(__x86_64__)
	return (vec)_mm_sqrt_ps((__m128)a);
#else
	for (int i = 0; i < LANES; i++)
		a[i] = __builtin_sqrtf(a[i]);
	return a;
#endif
}

#endif
#endif
