#include "plan/solve/symbolic_inside.h"

/* place[l]: of linking row l among those touched, or -1 */
static par_err by_links(symbolic *s, int *place)
{
	for (int l = 0; l < s->all_links; l++)
		place[l] = -1;
	for (int q = 0; q < s->links; q++)
		place[s->b_link[q]] = 0;
	for (int l = 0; l < s->all_links; l++)
		if (place[l] == 0)
			place[l] = s->touched++;
	KEEP(s, touch, s->touched);
	for (int l = 0; l < s->all_links; l++)
		if (place[l] >= 0)
			s->touch[place[l]] = l;
	KEEP(s, link_first, s->touched + 2);
	KEEP(s, link_column, s->links);
	KEEP(s, link_entry, s->links);
	for (int q = 0; q < s->links; q++)
		s->link_first[place[s->b_link[q]] + 2]++;
	list_sums(s->touched, s->link_first);
	EACH_COLUMN(w, s)
	for (int q = w.q; q < w.q_end; q++) {
		int at = s->link_first[place[s->b_link[q]] + 1]++;
		s->link_column[at] = w.j;
		s->link_entry[at] = q;
	}
	return PAR_OK;
}

/* slots[t * rows + i]: of B Theta A', or -1 */
static par_err cross_terms(symbolic *s, const int *place, int *slots)
{
	for (int k = 0; k < s->touched * s->rows; k++)
		slots[k] = -1;
	EACH_COLUMN(w, s)
	for (int q = w.q; q < w.q_end; q++)
		for (int a = w.a; a < w.a_end; a++) {
			int *slot = &slots[place[s->b_link[q]] * s->rows + s->a_row[a]];
			if (*slot < 0)
				*slot = s->slots++;
		}
	KEEP(s, slot_first, s->slots + 2);
	for (int fill = 0; fill < 2; fill++) {
		EACH_COLUMN(w, s)
		for (int q = w.q; q < w.q_end; q++)
			for (int a = w.a; a < w.a_end; a++) {
				int slot = slots[place[s->b_link[q]] * s->rows + s->a_row[a]];
				if (!fill) {
					s->slot_first[slot + 2]++;
					continue;
				}
				int at = s->slot_first[slot + 1]++;
				s->slot_entry[at] = q;
				s->slot_value[at] = s->a_value[a];
			}
		if (fill)
			break;
		int64_t terms = list_sums(s->slots, s->slot_first);
		KEEP(s, slot_entry, terms);
		KEEP(s, slot_value, terms);
	}
	return PAR_OK;
}

/* number[t * touched + u], u <= t: of the pair of linking rows, or -1 */
static par_err link_pairs(symbolic *s, const int *place, int *number)
{
	for (int k = 0; k < s->touched * s->touched; k++)
		number[k] = -1;
#define EACH_PAIR                                   \
	EACH_COLUMN(w, s)                           \
	for (int q = w.q; q < w.q_end; q++)         \
		for (int o = w.q; o < w.q_end; o++) \
			if (s->b_link[o] <= s->b_link[q])
	EACH_PAIR
	{
		int *n = &number[place[s->b_link[q]] * s->touched + place[s->b_link[o]]];
		if (*n < 0)
			*n = s->crosses++;
	}
	KEEP(s, cross, 2 * s->crosses);
	KEEP(s, cross_first, s->crosses + 2);
	EACH_PAIR
	{
		int n = number[place[s->b_link[q]] * s->touched + place[s->b_link[o]]];
		s->cross[2 * n] = s->b_link[q];
		s->cross[2 * n + 1] = s->b_link[o];
		s->cross_first[n + 2]++;
	}
	KEEP(s, cross_pair, 2 * list_sums(s->crosses, s->cross_first));
	EACH_PAIR
	{
		int n = number[place[s->b_link[q]] * s->touched + place[s->b_link[o]]];
		int at = s->cross_first[n + 1]++;
		s->cross_pair[2 * at] = q;
		s->cross_pair[2 * at + 1] = o;
	}
#undef EACH_PAIR
	return PAR_OK;
}

par_err symbolic_links(symbolic *s, int *place, int *slots, int *number)
{
	PAR_TRY(by_links(s, place));
	PAR_TRY(cross_terms(s, place, slots));
	return link_pairs(s, place, number);
}
