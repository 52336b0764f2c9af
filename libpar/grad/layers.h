/* Layers: the operators a graph is built from.
 *
 * Shapes are of one sample; pictures are [height, width, channel], sequences [time, feature]. A
 * dense operator acts on the last axis and takes the others as more rows. Weight matrices stand
 * [in, out], convolutions [kernel height, kernel width, in, out].
 * First values: weights uniform in (-1/sqrt(fan in), 1/sqrt(fan in)) as torch.nn has them, biases
 * too, embeddings standard normal, norms 1 and 0; `init` of a spec changes the weights' (He et al.
 * 2015, Glorot and Bengio 2010).
 * A name makes parameters NAME/weight, NAME/bias ...; the same name again shares them. A parameter
 * may serve one operator of a training pass only where its gradient is wanted: join two inputs by
 * par_stack and apply the operator once. Each says what it costs and where its method comes from. */
#ifndef PAR_GRAD_LAYERS_H
#define PAR_GRAD_LAYERS_H

#include "grad/graph.h"

typedef enum {
	PAR_ACT_NONE,
	PAR_ACT_RELU,
	PAR_ACT_LEAKY, /* slope 0.2 */
	PAR_ACT_SIGMOID,
	PAR_ACT_TANH,
	PAR_ACT_GELU, /* x Phi(x), by the error function (Hendrycks and Gimpel 2016) */
	PAR_ACT_SOFTPLUS,
	PAR_ACT_EXP,
} par_act;

typedef enum { PAR_FIRST_TORCH, PAR_FIRST_HE, PAR_FIRST_GLOROT, PAR_FIRST_ZERO } par_first;

typedef struct {
	const char *name;
	int64_t out;
	par_act act;
	par_first init;
	bool no_bias;
	bool spectral;      /* weights divided by their largest singular value */
	bool rests_sharded; /* weights held sharded over ranks, gathered while used */
} par_linear_spec;
/* x [..., in] -> [..., out] */
par_value par_linear(par_graph *g, par_value x, const par_linear_spec *spec);

typedef struct {
	const char *name;
	int64_t out, kernel, stride, pad; /* stride 0 is 1 */
	par_act act;
	par_first init;
	bool no_bias, spectral;
	int64_t pool; /* maxima of pool x pool windows side by side, as par_pool2d; 0: none */
} par_conv_spec;
/* [h, w, in] -> [(h + 2 pad - kernel) / stride + 1, ..., out]; axes before these are more pictures.
 * Convolutions multiply in float, also where the graph's products are in bfloat16.
 * One that a max pool of windows apart alone reads runs together with it, and what lies between is
 * never stored. Bits are those of the two one after the other, but for the gradient of the bias: its
 * sum goes by windows, not by rows of cells. */
par_value par_conv2d(par_graph *g, par_value x, const par_conv_spec *spec);
/* the transpose of that map: [h, w, in] -> [(h - 1) stride - 2 pad + kernel, ..., out] */
par_value par_conv2d_transposed(par_graph *g, par_value x, const par_conv_spec *spec);

typedef enum { PAR_POOL_MAX, PAR_POOL_MEAN } par_pool_kind;
/* [h, w, c] -> [(h - size) / stride + 1, ..., c]; of equal maxima the first takes the gradient */
par_value par_pool2d(par_graph *g, par_value x, par_pool_kind kind, int64_t size, int64_t stride);
/* [h, w, b b c] -> [b h, b w, c] and back (Shi et al. 2016); channel (dy b + dx) c + k goes to
 * row b y + dy, column b x + dx, channel k */
par_value par_depth_to_space(par_graph *g, par_value x, int64_t block);
par_value par_space_to_depth(par_graph *g, par_value x, int64_t block);

/* the same elements in another shape, free of charge */
par_value par_reshape(par_graph *g, par_value x, int nd, const int64_t shape[]);
par_value par_flatten(par_graph *g, par_value x);
/* two values of one shape side by side: [2, ...] */
par_value par_stack(par_graph *g, par_value a, par_value b);
/* the same value n times: [n, ...] */
par_value par_repeat(par_graph *g, par_value x, int64_t n);
/* element i of the first axis: the way back from a stack */
par_value par_slice(par_graph *g, par_value x, int64_t i);
/* along the last axis; of floats, or of integers */
par_value par_concat(par_graph *g, int n, const par_value x[]);
/* a + b of one shape; a * b, where b may lack a's last axis: one factor for each row; a * factor + shift */
par_value par_add_values(par_graph *g, par_value a, par_value b);
par_value par_multiply(par_graph *g, par_value a, par_value b);
par_value par_scale(par_graph *g, par_value a, double factor, double shift);
/* the same value with no gradient */
par_value par_detach(par_graph *g, par_value x);
/* over all axes but the last, [..., c] -> [c]; over the last, [..., c] -> [...] */
typedef enum { PAR_SUM, PAR_MEAN } par_reduction;
par_value par_reduce_rows(par_graph *g, par_value x, par_reduction how);
par_value par_reduce_last(par_graph *g, par_value x, par_reduction how);

par_value par_activate(par_graph *g, par_value x, par_act act);
/* over the last axis */
par_value par_softmax(par_graph *g, par_value x);
/* x [..., n] -> [..., n] ascending in the last axis, as quantiles are that cannot cross: element `middle` is x's, and
 * from there each step outwards is the softplus of x's element (increments above zero: Gasthaus et al. 2019) */
par_value par_ladder(par_graph *g, par_value x, int middle);
/* zero with probability p in [0, 1), else divided by 1 - p; nothing in answers (Srivastava et al. 2014).
 * What is zeroed follows from (seed, operator, step, place in the batch) */
par_value par_dropout(par_graph *g, par_value x, double p);

/* pictures [..., h, w, c] changed at random while training, not in answers, so that a few real ones serve longer; what
 * comes back goes through the same change (differentiable augmentation: Zhao et al. 2020). Each is shifted by up to `shift`
 * cells each way, mirrored left to right or not, and a square of side `cut` becomes 0. The change follows from (seed,
 * operator, step, place in the batch) */
typedef struct {
	int64_t shift, cut; /* 0: none */
	float outside;      /* what is shifted in */
	bool flip;          /* every other picture is mirrored, whatever it shows ... */
	const uint8_t *
	    flips; /* ... or those of classes that have a 1 here; borrowed, [classes]; NULL: all or none */
	int64_t classes;
} par_augment_spec;
/* labels: I32, one for each picture; read with flips only */
par_value par_augment(par_graph *g, par_value x, par_value labels, const par_augment_spec *spec);
/* [..., n] -> [..., 1]: how far samples differ in groups of the batch, `group` neighbours each: the standard deviation
 * over the group, in the mean of the n (Karras et al. 2018, section 3). Every shard of the batch must hold whole
 * groups (par_graph_spec.shards) */
par_value par_deviation(par_graph *g, par_value x, int64_t group);

/* over the last axis, with scale and shift (Ba et al. 2016); eps 0 is 1e-5 */
par_value par_layer_norm(par_graph *g, const char *name, par_value x, double eps);
typedef struct {
	const char *name;
	double momentum; /* of the running statistics; 0 is 0.1 */
	double eps;      /* 0 is 1e-5 */
	int64_t
	    classes; /* conditional: scale and shift by class label (Dumoulin et al. 2017); 0: none */
} par_batch_norm_spec;
/* each element of the last axis over the other axes and the global batch (Ioffe and Szegedy 2015);
 * labels is an I32 value of shape 1 when classes > 0, else ignored; a label that no class has makes
 * its sample NaN. Parameters weight and bias, buffers running_mean and running_variance (unbiased),
 * which move by momentum times the difference in training runs and stand for the batch's in
 * answers. A small sum over ranks each way. */
par_value par_batch_norm(
    par_graph *g, par_value x, par_value labels, const par_batch_norm_spec *spec);

typedef struct {
	const char *name;
	int64_t rows, width;
	double scale; /* standard deviation of the first values; 0 is 1 */
} par_embed_spec;
/* ids I32 [...] -> [..., width]; an id out of range gives zeros and no gradient. The table is held by
 * rows over ranks; two exchanges a pass. */
par_value par_embed(par_graph *g, par_value ids, const par_embed_spec *spec);

/* rows of numbers, most of them zero (a day's weekday, month and feasts): entries [first[r], first[r + 1]) are
 * row r's, value[e] in column[e] */
typedef struct {
	int64_t rows, columns;
	const int64_t *first;
	const int32_t *column;
	const float *value;
} par_sparse_rows;
typedef struct {
	const char *name;
	par_sparse_rows of; /* its arrays are borrowed until the graph is closed */
	int64_t out;
	double scale;  /* standard deviation of the first values; 0 is 1 */
	bool spectral; /* weights divided by their largest singular value */
} par_linear_rows_spec;
/* ids I32 [...] -> [..., out]: row id of the fixed matrix times weights [columns, out], without a bias; an id out
 * of range gives zeros. Of one entry a row it is an embedding that every rank holds whole. */
par_value par_linear_rows(par_graph *g, par_value ids, const par_linear_rows_spec *spec);

typedef enum { PAR_RNN_SIMPLE, PAR_RNN_GRU, PAR_RNN_LSTM } par_rnn_kind;
typedef struct {
	const char *name;
	par_rnn_kind
	    kind; /* gates in torch's order: GRU r z n, LSTM i f g o; two biases as there */
	int64_t hidden;
	bool sequence; /* [time, hidden] of all steps, else [hidden] of the last */
	bool
	    one_bias; /* the input's alone, as Keras has it: the state's adds nothing but to a GRU */
} par_rnn_spec;
/* x [time, in], the state begins at 0 (Elman 1990; Cho et al. 2014; Hochreiter and Schmidhuber 1997) */
par_value par_rnn(par_graph *g, par_value x, const par_rnn_spec *spec);

typedef struct {
	const char *name;
	int64_t heads; /* divides the features */
	bool causal;
} par_attention_spec;
/* self-attention of x [time, feature] with its four projections (Vaswani et al. 2017) */
par_value par_attention(par_graph *g, par_value x, const par_attention_spec *spec);

/* Losses: shape 1, a sample's mean over its elements. p and t have one shape unless said. */
par_value par_loss_mse(par_graph *g, par_value p, par_value t);
par_value par_loss_mae(par_graph *g, par_value p, par_value t);
par_value par_loss_huber(par_graph *g, par_value p, par_value t, double delta);
/* p [..., n], t [...]: levels[i] of n (Koenker and Bassett 1978) */
par_value par_loss_pinball(par_graph *g, par_value p, par_value t, int n, const double levels[]);
/* p is the logarithm of the mean: exp p - t p; power 1 < q < 2: exp((2 - q) p) / (2 - q) -
 * t exp((1 - q) p) / (1 - q) (Joergensen 1987) */
par_value par_loss_poisson(par_graph *g, par_value p, par_value t);
par_value par_loss_tweedie(par_graph *g, par_value p, par_value t, double power);
/* p are logits, t in [0, 1] */
par_value par_loss_binary(par_graph *g, par_value p, par_value t);
/* p [..., classes] logits, label I32 [...] (or [1] when p is [classes]), NaN for one that no class has;
 * smoothing in [0, 1) spreads that share of the target over all classes (Szegedy et al. 2016) */
par_value par_loss_cross_entropy(par_graph *g, par_value p, par_value label, double smoothing);
/* p [1] or [classes], label I32 [1]: max(0, 1 - y p) or its square, y = 1 for a label above 0, else -1;
 * of classes one against the rest: y = 1 for the label's class */
par_value par_loss_hinge(par_graph *g, par_value p, par_value label, bool squared);
/* of scores: judge of real and fake [2, 1] as par_stack has them, the sum of both terms, and maker of
 * fake [1]; more scores a sample are averaged.
 * With D = 1 / (1 + e^-score) in the second and third: */
typedef enum {
	PAR_GAN_HINGE,    /* max(0, 1 - real) + max(0, 1 + fake); -fake (Lim and Ye 2017) */
	PAR_GAN_LOGISTIC, /* -log D(real) - log(1 - D(fake)); -log D(fake), which does not saturate */
	PAR_GAN_MINIMAX,     /* the same judge; log(1 - D(fake)) (both Goodfellow et al. 2014) */
	PAR_GAN_WASSERSTEIN, /* fake - real; -fake (Arjovsky et al. 2017) */
} par_gan_kind;
par_value par_loss_gan_judge(par_graph *g, par_value scores, par_gan_kind kind);
par_value par_loss_gan_maker(par_graph *g, par_value score, par_gan_kind kind);
/* The gradient penalty factor (|grad_x D(x)| - 1)^2 of a critic D at points x (Gulrajani et al. 2017). D scores each sample by
 * itself, without batch norm or deviation, and is straight but for RELU and LEAKY; what scores x and the point beside it
 * bends both as it bends x:
 *
 *	par_value x = par_interpolate(g, real, fake);
 *	par_value slope = par_gradient(g, score(g, x), x);
 *	par_value scores = score_tangent(g, par_along(g, x, slope));   with par_activate_tangent in it
 *	par_value penalty = par_loss_gradient_penalty(g, scores, slope, 10);
 *
 * score_tangent's parameters are score's; real and fake points may be scored with the two, in front of them. */
/* e a + (1 - e) b, e uniform in [0, 1) from (seed, operator, step, place in the batch) */
par_value par_interpolate(par_graph *g, par_value a, par_value b);
/* of the sum of y's elements by x, each sample's own, in the shape of x: forward to y, back to x, in training passes only. No
 * gradient passes through it. Planning fails with PAR_E_CONFIG where x does not lead to y */
par_value par_gradient(par_graph *g, par_value y, par_value x);
/* x and a point beside it in the direction of a gradient, [2, ...]; no gradient passes */
par_value par_along(par_graph *g, par_value x, par_value gradient);
/* RELU or LEAKY of x [n, ...], but the last of the n goes by the signs of the one before it, along whose tangent it lies */
par_value par_activate_tangent(par_graph *g, par_value x, par_act act);
/* scores [2, 1] of x and the point along its gradient; the penalty's value is that of the gradient's norm, and what goes back
 * to the scores brings the gradient of it to D's weights, not to x */
par_value par_loss_gradient_penalty(
    par_graph *g, par_value scores, par_value gradient, double factor);
/* each element times a sample's own weight [1] */
par_value par_weigh(par_graph *g, par_value loss, par_value weight);

#endif
