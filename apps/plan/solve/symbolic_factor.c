#include "plan/solve/symbolic_inside.h"

/* places[i * rows + j]: of the entry of L, or -1 */
static par_err factor_pattern(symbolic *s, const bool *filled, int *places)
{
	KEEP(s, l_first, s->rows + 1);
	for (int i = 0; i < s->rows; i++)
		for (int j = 0; j <= i; j++)
			places[i * s->rows + j] =
			    filled[(size_t)i * (size_t)s->rows + (size_t)j] ? s->factor++ : -1;
	KEEP(s, l_column, s->factor);
	KEEP(s, l_place, s->factor);
	KEEP(s, up_first, s->rows + 2);
	KEEP(s, up_row, s->factor);
	KEEP(s, up_at, s->factor);
	for (int i = 0, at = 0; i < s->rows; i++) {
		for (int j = 0; j <= i; j++)
			if (places[i * s->rows + j] >= 0)
				s->l_column[at++] = j;
		s->l_first[i + 1] = at;
		for (int e = s->l_first[i]; e < at - 1; e++)
			s->up_first[s->l_column[e] + 2]++;
	}
	list_sums(s->rows, s->up_first);
	for (int i = 0; i < s->rows; i++)
		for (int e = s->l_first[i]; e < s->l_first[i + 1] - 1; e++) {
			int at = s->up_first[s->l_column[e] + 1]++;
			s->up_row[at] = i;
			s->up_at[at] = e;
		}
	return PAR_OK;
}

static par_err normal_terms(symbolic *s, const int *places)
{
	KEEP(s, m_first, s->factor + 2);
	for (int fill = 0; fill < 2; fill++) {
		EACH_COLUMN(w, s)
		for (int a = w.a; a < w.a_end; a++)
			for (int b = w.a; b < w.a_end; b++) {
				if (s->a_row[b] > s->a_row[a])
					continue;
				int e = places[s->a_row[a] * s->rows + s->a_row[b]];
				if (!fill) {
					s->m_first[e + 2]++;
					continue;
				}
				int at = s->m_first[e + 1]++;
				s->m_column[at] = w.j;
				s->m_value[at] = s->a_value[a] * s->a_value[b];
			}
		if (fill)
			break;
		int64_t terms = list_sums(s->factor, s->m_first);
		KEEP(s, m_column, terms);
		KEEP(s, m_value, terms);
	}
	return PAR_OK;
}

/* entry (i, j): products of entries (i, k) and (j, k), k < j */
static par_err factor_pairs(symbolic *s, const int *places)
{
	KEEP(s, pair_first, s->factor + 2);
	for (int fill = 0; fill < 2; fill++) {
		for (int i = 0; i < s->rows; i++)
			for (int e = s->l_first[i]; e < s->l_first[i + 1]; e++) {
				int j = s->l_column[e];
				for (int f = s->l_first[i]; s->l_column[f] < j; f++) {
					int other = places[j * s->rows + s->l_column[f]];
					if (other < 0)
						continue;
					if (!fill) {
						s->pair_first[e + 2]++;
						continue;
					}
					int at = s->pair_first[e + 1]++;
					s->pair[2 * at] = f;
					s->pair[2 * at + 1] = other;
				}
			}
		if (!fill)
			KEEP(s, pair, 2 * list_sums(s->factor, s->pair_first));
	}
	return PAR_OK;
}

par_err symbolic_factor(symbolic *s, const bool *filled, int *places)
{
	PAR_TRY(factor_pattern(s, filled, places));
	PAR_TRY(normal_terms(s, places));
	return factor_pairs(s, places);
}
