/* Gates: what a recurrent cell does between two matrix products, in one pass over vectors.
 *
 * A call is one time step of many samples. Gates of a sample stand side by side in one row, n floats
 * each, in the order given below. Forward calls turn the sums that products left into gates, which
 * backward calls read. With s the sigmoid:
 *     simple  h = tanh(a)                                                       (Elman 1990)
 *     LSTM    i f g o:  c = s(f) c' + s(i) tanh(g),  h = s(o) tanh(c)   (Hochreiter and
 *             Schmidhuber 1997, with the forget gate of Gers et al. 2000)
 *     GRU     r z n:  h = (1 - s(z)) tanh(n + s(r) q) + s(z) h',  q the state's share of the last
 *             gate (Cho et al. 2014, in the form whose product with the state is one)
 * and c', h' those of the step before, 0 in the first.
 *
 * All calls are local and allocate nothing; an element's bits are those of the kernel set alone. */
#ifndef PAR_TENSOR_GATES_H
#define PAR_TENSOR_GATES_H

#include <stdbool.h>
#include <stdint.h>

/* one step of an array: sample i's row begins at `at` + i * apart */
typedef struct {
	float *at;
	int64_t apart;
} par_strip;

typedef struct {
	int64_t samples, n;
	bool first; /* no step before: its strips are not read */

	par_strip sum;      /* forward: of 1, 4 or 3 gates; GRU: the input's share */
	par_strip state;    /* forward, GRU: the state's share */
	par_strip gate;     /* LSTM, GRU */
	par_strip h_before; /* GRU */
	par_strip c_before; /* LSTM */
	par_strip h;        /* simple: backward reads it */
	par_strip c;        /* LSTM */
	par_strip q;        /* GRU */

	/* backward: dh is the whole gradient of h. What reaches the step before past the product
	 * with the state goes to dc (LSTM) and dh_before (GRU) */
	par_strip dh;
	par_strip dh_before; /* GRU: added to when adds, else written; may be dh */
	bool adds;
	par_strip dc;     /* LSTM: of c in, of c_before out */
	par_strip dgate;  /* of the sums the gates were made of */
	par_strip dstate; /* GRU: the same with q's share in the last gate's place */
} par_gates;

void par_gates_simple(const par_gates *s);
void par_gates_lstm(const par_gates *s);
void par_gates_gru(const par_gates *s);
void par_gates_simple_back(const par_gates *s);
void par_gates_lstm_back(const par_gates *s);
void par_gates_gru_back(const par_gates *s);

#endif
