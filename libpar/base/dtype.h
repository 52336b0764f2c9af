/* The element types of tensors and datasets. */
#ifndef PAR_BASE_DTYPE_H
#define PAR_BASE_DTYPE_H

#include <stddef.h>

typedef enum { PAR_CHAR, PAR_U8, PAR_I16, PAR_I32, PAR_I64, PAR_U64, PAR_F32, PAR_F64 } par_dtype;

static inline size_t par_dtype_bytes(par_dtype t)
{
	static const unsigned char bytes[] = {1, 1, 2, 4, 8, 8, 4, 8};
	return bytes[t];
}

#endif
