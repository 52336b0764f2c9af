/* Dlanes: some of the eight doubles of a group's blocks, as many as the kernel set has in a vector.
 *
 * A number of a group is eight doubles, one a block. Kernels do the same to each, so the wide set takes them
 * at once and the others come back for the rest: EACH_PART runs a body once for each vector, with the
 * lane at which it begins. What is summed over blocks is summed lane by lane, and across lanes only at
 * the end, so that the bits are the same in every set (base/lanes.h says what plain does differently). */
#ifndef APPS_PLAN_SOLVE_DLANES_H
#define APPS_PLAN_SOLVE_DLANES_H

#include "base/lanes.h"

#define EIGHT 8
#define DLANES (KERNEL_LEVEL == 2 ? 8 : KERNEL_LEVEL == 1 ? 4 : 2)

typedef double dvec __attribute__((vector_size(8 * DLANES), may_alias));
typedef int64_t dmask __attribute__((vector_size(8 * DLANES), may_alias));
typedef float halves __attribute__((vector_size(4 * DLANES), may_alias));

#define EACH_PART(lane) for (int lane = 0; lane < EIGHT; lane += DLANES)
/* number i of the part that begins at p + lane */
#define AT(p, i) (*(dvec *)((p) + (int64_t)(i)*EIGHT))
#define GET(p, i) (*(const dvec *)((p) + (int64_t)(i)*EIGHT))
/* the same of a list that holds offsets, 8 i */
#define HERE(p, offset) (*(const dvec *)((p) + (offset)))

INLINE dvec d_all(double a)
{
	return a - (dvec){0};
}

/* a * b + c */
INLINE dvec d_fma(dvec a, dvec b, dvec c)
{
#if KERNEL_LEVEL == 2
	return (dvec)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif KERNEL_LEVEL == 1
	return (dvec)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#else
	return a * b + c;
#endif
}

/* c - a * b */
INLINE dvec d_less(dvec a, dvec b, dvec c)
{
#if KERNEL_LEVEL == 2
	return (dvec)_mm512_fnmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif KERNEL_LEVEL == 1
	return (dvec)_mm256_fnmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#else
	return c - a * b;
#endif
}

INLINE dvec d_pick(dmask m, dvec yes, dvec no)
{
	return (dvec)(((dmask)yes & m) | ((dmask)no & ~m));
}

INLINE dvec d_max(dvec a, dvec b)
{
#if KERNEL_LEVEL == 2
	return (dvec)_mm512_max_pd((__m512d)a, (__m512d)b);
#elif KERNEL_LEVEL == 1
	return (dvec)_mm256_max_pd((__m256d)a, (__m256d)b);
#else
	return d_pick(a > b, a, b);
#endif
}

INLINE dvec d_min(dvec a, dvec b)
{
#if KERNEL_LEVEL == 2
	return (dvec)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif KERNEL_LEVEL == 1
	return (dvec)_mm256_min_pd((__m256d)a, (__m256d)b);
#else
	return d_pick(a < b, a, b);
#endif
}

INLINE dvec d_sqrt(dvec a)
{
#if KERNEL_LEVEL == 2
	return (dvec)_mm512_sqrt_pd((__m512d)a);
#elif KERNEL_LEVEL == 1
	return (dvec)_mm256_sqrt_pd((__m256d)a);
#else
	for (int i = 0; i < DLANES; i++)
		a[i] = __builtin_sqrt(a[i]);
	return a;
#endif
}

/* Floats, and the upper sixteen bits of floats, rounded: eight bits of a number and its size. Compilers make
 * several instructions of a conversion that they are not told. */
typedef uint32_t float_bits __attribute__((vector_size(4 * DLANES), may_alias));
typedef uint16_t half_bits __attribute__((vector_size(2 * DLANES), may_alias));

INLINE dvec d_widen(halves a)
{
#if KERNEL_LEVEL == 2
	return (dvec)_mm512_cvtps_pd((__m256)a);
#elif KERNEL_LEVEL == 1
	return (dvec)_mm256_cvtps_pd((__m128)a);
#else
	return __builtin_convertvector(a, dvec);
#endif
}

INLINE halves d_narrow(dvec a)
{
#if KERNEL_LEVEL == 2
	return (halves)_mm512_cvtpd_ps((__m512d)a);
#elif KERNEL_LEVEL == 1
	return (halves)_mm256_cvtpd_ps((__m256d)a);
#else
	return __builtin_convertvector(a, halves);
#endif
}

INLINE dvec d_from_floats(const float *p)
{
	return d_widen(*(const halves *)p);
}

INLINE void d_to_floats(float *p, dvec a)
{
	*(halves *)p = d_narrow(a);
}

INLINE dvec d_from_halves(const uint16_t *p)
{
#if KERNEL_LEVEL == 2
	__m256i bits = _mm256_cvtepu16_epi32(_mm_load_si128((const __m128i *)p));
	return d_widen((halves)_mm256_slli_epi32(bits, 16));
#elif KERNEL_LEVEL == 1
	__m128i bits = _mm_cvtepu16_epi32(_mm_loadl_epi64((const __m128i *)p));
	return d_widen((halves)_mm_slli_epi32(bits, 16));
#else
	return d_widen((halves)(__builtin_convertvector(*(const half_bits *)p, float_bits) << 16));
#endif
}

#endif
