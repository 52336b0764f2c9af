/* np: 1   apps: forecast
 * Automatic ETS against R and against the recursions written plainly. */
#define LANES 8
#include "../tap.h"
#include "bank_case.h"
#include "forecast/bank/ets_fit.inc"

#include <math.h>
#include <string.h>

enum { LONG = 120, QUARTERS = 4 };

/* datasets UKgas and Nile of R 4.2.2 */
static const double gas[] = {160.1, 129.7, 84.8, 120.1, 160.1, 124.9, 84.8, 116.9, 169.7, 140.9,
    89.7, 123.3, 187.3, 144.1, 92.9, 120.1, 176.1, 147.3, 89.7, 123.3, 185.7, 155.3, 99.3, 131.3,
    200.1, 161.7, 102.5, 136.1, 204.9, 176.1, 112.1, 140.9, 227.3, 195.3, 115.3, 142.5, 244.9,
    214.5, 118.5, 153.7, 244.9, 216.1, 188.9, 142.5, 301, 196.9, 136.1, 267.3, 317, 230.5, 152.1,
    336.2, 371.4, 240.1, 158.5, 355.4, 449.9, 286.6, 179.3, 403.4, 491.5, 321.8, 177.7, 409.8,
    593.9, 329.8, 176.1, 483.5, 584.3, 395.4, 187.3, 485.1, 669.2, 421, 216.1, 509.1, 827.7, 467.5,
    209.7, 542.7, 840.5, 414.6, 217.7, 670.8, 848.5, 437, 209.7, 701.2, 925.3, 443.4, 214.5, 683.6,
    917.3, 515.5, 224.1, 694.8, 989.4, 477.1, 233.7, 730, 1087, 534.7, 281.8, 787.6, 1163.9, 613.1,
    347.4, 782.8};
static const double nile[] = {1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935,
    1110, 994, 1020, 960, 1180, 799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774,
    840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100,
    832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897,
    822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050,
    918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740};

/* R 4.2.2, forecast 8.20: m <- ets(UKgas or Nile, model = "...", damped = ...), then m$par (seasons
 * s0, s1 and s2: of the last step before the first, and back from there), m$loglik and m$aicc */
typedef struct {
	const char *name;
	ets_form form;
	double alpha, beta, gamma, phi, level, trend, season[QUARTERS - 1], likelihood, aicc;
} r_fit;

static const r_fit gas_fits[] = {
    {"ANN", {false, ETS_NONE, ETS_NONE}, 0.1276896407, 0, 0, 1, 130.062467, 0, {0, 0, 0},
	-812.866584, 1631.963936},
    {"MNN", {true, ETS_NONE, ETS_NONE}, 0.1538260304, 0, 0, 1, 110.1963089, 0, {0, 0, 0},
	-763.040375, 1532.311519},
    {"AAN", {false, ETS_ADDED, ETS_NONE}, 0.01540338476, 0.01540336408, 0, 1, 124.5253254,
	1.717166587, {0, 0, 0}, -804.910960, 1620.410155},
    {"MAN", {true, ETS_ADDED, ETS_NONE}, 0.0116619841, 0.01166187257, 0, 1, 126.3415742,
	-0.5820199047, {0, 0, 0}, -749.912204, 1510.412643},
    {"AAdN", {false, ETS_DAMPED, ETS_NONE}, 0.01339790264, 0.01339789494, 0, 0.9799997203,
	124.441117, 0.561134055, {0, 0, 0}, -804.877254, 1622.586192},
    {"MAdN", {true, ETS_DAMPED, ETS_NONE}, 0.01640573327, 0.01640572633, 0, 0.9799948662,
	128.5262353, 0.3106775764, {0, 0, 0}, -751.210028, 1515.251740},
    {"ANA", {false, ETS_NONE, ETS_ADDED}, 0.1775800499, 0, 0.7854899172, 1, 79.48928075, 0,
	{-19.09677651, -93.56941338, 30.30116471}, -652.651636, 1320.423272},
    {"AAA", {false, ETS_ADDED, ETS_ADDED}, 0.01470093017, 0.01470088367, 0.9852975767, 1,
	102.6795825, 3.622617326, {27.64076293, -154.3493614, -32.91695736}, -646.185720,
	1312.208174},
    {"AAdA", {false, ETS_DAMPED, ETS_ADDED}, 0.02488257178, 0.02488247683, 0.959411583,
	0.9799999932, 103.0990175, 2.327834908, {30.03816748, -154.7565037, -34.12254001},
	-647.584110, 1317.436261},
    {"MNM", {true, ETS_NONE, ETS_PRODUCT}, 0.1199737047, 0, 0.7343818518, 1, 120.8974909, 0,
	{0.9677255428, 0.6864115262, 1.046297491}, -635.707880, 1286.535761},
    {"MAM", {true, ETS_ADDED, ETS_PRODUCT}, 0.03053686889, 0.03053644358, 0.6238385789, 1,
	124.0899427, 0.8654755906, {0.9557860607, 0.653926306, 1.058230218}, -618.360780,
	1256.558294},
    {"MAdM", {true, ETS_DAMPED, ETS_PRODUCT}, 0.03281495993, 0.03281495921, 0.6096311914,
	0.9799998408, 123.8788511, 0.9126463906, {0.9830263909, 0.6710148748, 1.002771832},
	-619.488366, 1261.244774},
};

/* of UKgas to the end of 1970: beyond, R lets means go below 0 here, where we stop */
static const r_fit early_fits[] = {
    {"MNA", {true, ETS_NONE, ETS_ADDED}, 0.3289291719, 0, 0.0001000181133, 1, 127.4236225, 0,
	{-14.81800854, -41.56873598, 11.58677536}, -196.586823, 410.284758},
    {"MAA", {true, ETS_ADDED, ETS_ADDED}, 0.03045935077, 0.03045859723, 0.0001000710259, 1,
	122.1302448, 1.370803588, {-16.98164137, -42.71648083, 14.93181426}, -190.457899,
	404.209915},
    {"MAdA", {true, ETS_DAMPED, ETS_ADDED}, 0.03863160278, 0.03863149549, 0.1692724342, 0.979999951,
	117.4386227, 1.921489024, {-15.35216715, -42.79080325, 15.2914295}, -191.432527,
	409.531721},
};

static const r_fit nile_fits[] = {
    {"ANN", {false, ETS_NONE, ETS_NONE}, 0.2455338627, 0, 0, 1, 1110.68686, 0, {0, 0, 0},
	-726.390520, 1459.031040},
    {"MNN", {true, ETS_NONE, ETS_NONE}, 0.1514031662, 0, 0, 1, 1087.771825, 0, {0, 0, 0},
	-726.150958, 1458.551916},
    {"AAN", {false, ETS_ADDED, ETS_NONE}, 0.2094889189, 0.0001000148839, 0, 1, 1121.406731,
	-3.163511215, {0, 0, 0}, -725.956062, 1462.550422},
    {"MAN", {true, ETS_ADDED, ETS_NONE}, 0.1269037126, 0.0001000011446, 0, 1, 1112.187511,
	-2.015437586, {0, 0, 0}, -725.741241, 1462.120780},
    {"AAdN", {false, ETS_DAMPED, ETS_NONE}, 0.2561692644, 0.0001000350662, 0, 0.8000042725,
	1111.112735, 11.24968706, {0, 0, 0}, -726.502047, 1465.907319},
    {"MAdN", {true, ETS_DAMPED, ETS_NONE}, 0.1586021637, 0.0001000045942, 0, 0.8000011402,
	1093.405642, 10.5738644, {0, 0, 0}, -726.307261, 1465.517747},
};

static vec y[LONG], w[LONG], start[LONG];
static ets_step trace[LONG];
static ets_data data = {.y = y, .w = w, .start = start, .trace = trace};

/* one series in every lane, over `scale`, as the bank holds it */
static void fill(const double *v, int n, int season, double scale)
{
	data.steps = n;
	data.season = season;
	data.phase = 0;
	data.count = all(n);
	for (int t = 0; t < n; t++) {
		y[t] = all(v[t] / scale);
		w[t] = all(1);
		start[t] = all(t == 0);
	}
}

static void take_fit(const r_fit *r, double scale, vec *x)
{
	bool product = r->form.season == ETS_PRODUCT;
	double s[QUARTERS], sum = product ? QUARTERS : 0;
	for (int i = 0; i < QUARTERS - 1; i++) {
		s[QUARTERS - 1 - i] = r->season[i];
		sum -= r->season[i];
	}
	s[0] = sum;
	x[ETS_ALPHA] = all(r->alpha);
	x[ETS_BETA] = all(r->beta / r->alpha);
	x[ETS_GAMMA] = all(r->gamma / (1 - r->alpha));
	x[ETS_PHI] = all(r->phi);
	x[ETS_LEVEL] = all(r->level / scale);
	x[ETS_TREND] = all(r->trend / scale);
	for (int i = 0; i < QUARTERS - 1; i++)
		x[ETS_SEASONS + i] = all(s[i] / (product ? 1 : scale));
}

/* R's likelihood and AICc of values before scaling, from ours */
static double likelihood_of(double loss, double n, double scale)
{
	return -loss - n * log(scale);
}

/* a relative error starts from the additive one's end */
static void search_as_bank(ets_climb *c, const ets_guess *g, ets_form f)
{
	vec from[ETS_PARAMS];
	bool after = f.relative && f.season != ETS_PRODUCT;
	if (after) {
		c->form = (ets_form){false, f.trend, f.season};
		ets_search(c, g, NULL, false, ~(mask)all(0));
		memcpy(from, c->x, sizeof from);
	}
	c->form = f;
	ets_search(c, g, after ? from : NULL, after, ~(mask)all(0));
}

static void same_as_r(const char *name, const double *v, int n, int season, const r_fit *fit, int k)
{
	double gap = 0, gap_aicc = 0, worst = 0;
	const char *at = "none";
	fill(v, n, season, 2048);
	ets_guess g;
	ets_climb c = {.data = &data};
	guess_make(&g, &data);
	for (int i = 0; i < k; i++) {
		vec x[ETS_PARAMS];
		take_fit(&fit[i], 2048, x);
		double ours = likelihood_of(ets_at(&data, x, fit[i].form, NULL)[3], n, 2048);
		double p = ets_count(fit[i].form, season);
		gap = fmax(gap, fabs(ours - fit[i].likelihood));
		gap_aicc = fmax(gap_aicc,
		    fabs(-2 * ours + 2 * p + 2 * p * (p + 1) / (n - p - 1) - fit[i].aicc));
		search_as_bank(&c, &g, fit[i].form);
		double lost = fit[i].likelihood - likelihood_of(c.loss[5], n, 2048);
		at = lost > worst ? fit[i].name : at;
		worst = fmax(worst, lost);
	}
	ok(gap < 2e-5, "%s: at R's parameters the likelihoods are R's: %g", name, gap);
	ok(gap_aicc < 5e-5, "%s: and so are the AICc: %g", name, gap_aicc);
	ok(worst < .5, "%s: no form is searched worse than R does by half a point: %g, %s", name,
	    worst, at);
}

/* lanes that begin at different steps, with values missing */
static void make_series(void)
{
	memset(w, 0, sizeof w);
	memset(start, 0, sizeof start);
	data = (ets_data){.y = y,
	    .w = w,
	    .start = start,
	    .trace = trace,
	    .steps = LONG,
	    .season = QUARTERS,
	    .phase = 3};
	for (int i = 0; i < LANES; i++)
		for (int t = 0; t < LONG; t++) {
			bool in = t == 3 * i || (t > 3 * i && (i % 2 == 0 || draw() < .8));
			y[t][i] = in ? 3 + .01 * t + draw() + .5 * ((t + i) % QUARTERS) : 0;
			w[t][i] = in;
			start[t][i] = t == 3 * i;
			data.count[i] += in;
		}
}

static void any_parameters(vec *x, ets_form f)
{
	for (int i = 0; i < LANES; i++) {
		x[ETS_ALPHA][i] = .1 + .6 * draw();
		x[ETS_BETA][i] = .3 * draw();
		x[ETS_GAMMA][i] = .5 * draw();
		x[ETS_PHI][i] = f.trend == ETS_DAMPED ? .8 + .18 * draw() : 1;
		x[ETS_LEVEL][i] = 3 + draw();
		x[ETS_TREND][i] = .02 * draw();
		for (int k = 0; k < QUARTERS - 1; k++)
			x[ETS_SEASONS + k][i] = (f.season == ETS_PRODUCT) + .2 * (draw() - .5);
	}
}

/* Hyndman et al. 2008, table 2.2 and 2.3, from the first observation of one lane on */
static double loss_by_hand(const vec *x, ets_form f, int i)
{
	double alpha = x[ETS_ALPHA][i], beta = f.trend ? alpha * x[ETS_BETA][i] : 0;
	double gamma = (1 - alpha) * x[ETS_GAMMA][i], phi = x[ETS_PHI][i];
	double l = x[ETS_LEVEL][i], b = f.trend ? x[ETS_TREND][i] : 0, s[QUARTERS];
	double squares = 0, logs = 0, n = 0, left = f.season == ETS_PRODUCT ? QUARTERS : 0;
	for (int k = 0; k < QUARTERS; k++) {
		s[k] = k < QUARTERS - 1 ? x[ETS_SEASONS + k][i] : left;
		left -= s[k];
	}
	for (int t = 3 * i; t < LONG; t++) {
		double *now = &s[(data.phase + t) % QUARTERS], q = l + phi * b, old = *now;
		double mu = f.season == ETS_NONE ? q : f.season == ETS_PRODUCT ? q * old : q + old;
		double e = w[t][i] > 0 ? y[t][i] - mu : 0;
		squares += f.relative ? e / mu * (e / mu) : e * e;
		logs += f.relative && w[t][i] > 0 ? log(mu) : 0;
		n += w[t][i];
		l = q + alpha * e / (f.season == ETS_PRODUCT ? old : 1);
		b = phi * b + beta * e / (f.season == ETS_PRODUCT ? old : 1);
		if (f.season)
			*now = old + gamma * e / (f.season == ETS_PRODUCT ? q : 1);
	}
	return .5 * n * log(fmax(squares, 1e-300)) + logs;
}

/* steps before a lane's first, which are there for older lanes of its group, change no bit of its loss */
static bool ages_alike(ets_form f)
{
	vec x[ETS_PARAMS], before;
	enum { YOUNGEST = LANES - 1 };
	any_parameters(x, f);
	before = ets_at(&data, x, f, NULL);
	bool same = true;
	for (int cut = 1; cut <= 3 * YOUNGEST; cut++) {
		ets_data late = data;
		late.y += cut;
		late.w += cut;
		late.start += cut;
		late.steps -= cut;
		late.phase = (late.phase + cut) % QUARTERS;
		vec loss = ets_at(&late, x, f, NULL);
		same &= loss[YOUNGEST] == before[YOUNGEST];
	}
	return same;
}

/* the worst of one form: loss against by hand, slopes against differences */
static void form_gaps(ets_form f, double *gap, double *slopes)
{
	vec x[ETS_PARAMS], g[ETS_PARAMS];
	any_parameters(x, f);
	vec loss = ets_at(&data, x, f, g);
	for (int i = 0; i < LANES; i++)
		*gap = fmax(*gap, fabs(loss[i] - loss_by_hand(x, f, i)));
	for (int p = 0; p < ETS_SEASONS + (f.season ? QUARTERS - 1 : 0); p++) {
		bool used = (p != ETS_BETA && p != ETS_PHI && p != ETS_TREND) || f.trend;
		vec at = x[p];
		x[p] = at + 1e-6;
		vec above = ets_at(&data, x, f, NULL);
		x[p] = at - 1e-6;
		vec slope = (above - ets_at(&data, x, f, NULL)) / 2e-6;
		x[p] = at;
		for (int i = 0; i < LANES && used; i++)
			*slopes = fmax(*slopes, fabs(slope[i] - g[p][i]) / (1 + fabs(slope[i])));
	}
}

static void recursions(void)
{
	double gap = 0, slopes = 0;
	bool alike = true;
	make_series();
	for (int season = ETS_NONE; season <= ETS_PRODUCT; season++)
		for (int trend = ETS_NONE; trend <= ETS_DAMPED; trend++)
			for (int relative = season == ETS_PRODUCT; relative < 2; relative++) {
				ets_form f = {relative, (ets_kind)trend, (ets_kind)season};
				form_gaps(f, &gap, &slopes);
				alike &= ages_alike(f);
			}
	ok(gap < 1e-9, "likelihoods in lanes are those of the textbook's recursions: %g", gap);
	ok(slopes < 1e-5, "slopes of the likelihood are those of differences: %g", slopes);
	ok(alike, "no bit of a likelihood tells how old a lane's neighbours are");
}

/* the form of least AICc among all that are searched one by one */
static void chosen(void)
{
	ets_choice c;
	fill(gas, 108, QUARTERS, 2048);
	ets_choose(&c, &data, ~(mask)all(0), y[0]);
	ok(c.relative[2] == 1 && c.trend[2] == ETS_ADDED && c.season[2] == ETS_PRODUCT,
	    "UKgas gets R's choice, MAM");
	ok(c.aicc[2] + 2 * 108 * log(2048) < 1256.56, "at an AICc not above R's: %g",
	    c.aicc[2] + 2 * 108 * log(2048));
	ets_choose(&c, &data, (mask)all(0), y[0]);
	ok(c.relative[2] == 0 && c.season[2] == ETS_ADDED,
	    "where values are not positive, errors and season stay additive");
}

static void forecasts(void)
{
	static answers a;
	/* forecast(ets(UKgas), 4) and forecast(ets(Nile), 4) of R */
	static const double next[] = {1258.823618, 652.617833, 357.200953, 878.954063};
	float v[LONG];
	double worst = 0;
	bank_spec s = spec_of(QUARTERS, 4, false, 1u << BANK_ETS);
	for (int t = 0; t < 108; t++)
		v[t] = (float)gas[t];
	forecast(&s, 1, v, 108, &a);
	for (int h = 0; h < 4; h++)
		worst = fmax(worst, fabs(a.mean[h] / next[h] - 1));
	ok(worst < .02, "UKgas is forecast as by R, from a somewhat better fit: %g", worst);
	s.season = 1;
	for (int t = 0; t < 100; t++)
		v[t] = (float)nile[t];
	forecast(&s, 1, v, 100, &a);
	ok(fabs(a.mean[3] - 838.875161) < .3, "Nile is forecast as by R: %g", a.mean[3]);
	v[0] = 7;
	v[1] = 9;
	v[2] = 8;
	forecast(&s, 1, v, 3, &a);
	ok(a.mean[3] > 7 && a.mean[3] < 9, "three values are smoothed: %g", a.mean[3]);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	same_as_r("UKgas", gas, 108, QUARTERS, gas_fits, sizeof gas_fits / sizeof *gas_fits);
	same_as_r(
	    "early UKgas", gas, 44, QUARTERS, early_fits, sizeof early_fits / sizeof *early_fits);
	same_as_r("Nile", nile, 100, 1, nile_fits, sizeof nile_fits / sizeof *nile_fits);
	recursions();
	chosen();
	forecasts();
	return tap_end();
}
