"""Losses of several classes that noise in the labels moves little."""

from __future__ import annotations

from ogive.losses.right_class import right_class_loss
from ogive.parameter import Parameter

_TINY = 1e-290  # a probability that may have lost digits, and its power not

generalized_cross_entropy = right_class_loss(
    "generalized_cross_entropy",
    """Between cross-entropy (q near 0) and the absolute error (q = 1), (1 - p^q) / q: a wrong label costs at most 1 / q.

    Examples
    --------
    >>> ogive.generalized_cross_entropy([0.25, 0.75], 0, given="probabilities", q=0.5)
    np.float64(1.0)
    """,
    lambda chance, q, xp: -xp.expm1(-q * chance.cost) / q,
    lambda chance, q, xp: -xp.where(chance.p > _TINY, chance.p**q, xp.exp(-q * chance.cost)),
    lambda chance, q, xp: -(chance.p ** (q - 1)),
    formula="(1 - {p}**q) / q",
    parameters=(Parameter("q", "how robust, above 0 (1e-6 or more) up to 1; Keras has 0.5", default=0.7, low=1e-6, high=1.0),),
    convex=False,
    robust=True,
    symmetric=False,
    aliases=("gce", "lq loss", "categorical generalized cross entropy", "truncated likelihood"),
    references=(
        "Z. Zhang, M. Sabuncu, Generalized cross entropy loss for training deep neural networks with noisy labels, NeurIPS 2018,"
        " equation 6, arXiv:1805.07836",
    ),
)

multiclass_absolute_error = right_class_loss(
    "multiclass_absolute_error",
    """The absolute error of the probabilities of several classes, 2 (1 - p): evenly spread label noise moves no minimum of it.

    It learns slowly, for its gradient fades where the right class has little probability.

    Examples
    --------
    >>> ogive.multiclass_absolute_error([0.25, 0.75], 0, given="probabilities")
    np.float64(1.5)
    """,
    lambda chance, xp: 2 * chance.wrong,
    lambda chance, xp: -2 * chance.p,
    lambda chance, xp: 0 * chance.p - 2,
    formula="2 * (1 - {p})",
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("mean absolute error of classes", "classification mae"),
    references=("A. Ghosh, H. Kumar, P. Sastry, Robust loss functions under label noise for deep neural networks, AAAI 2017, section 4",),
)

symmetric_cross_entropy = right_class_loss(
    "symmetric_cross_entropy",
    """Cross-entropy and its reverse, in which label and prediction change places: the reverse resists wrong labels.

    The logarithm of the labels' zeros is cut off at `log_zero`, so for one right class the reverse is -log_zero (1 - p).

    Examples
    --------
    >>> ogive.symmetric_cross_entropy([0.25, 0.75], 0, given="probabilities", alpha=1.0, beta=0.5).round(12)
    np.float64(2.88629436112)
    """,
    lambda chance, alpha, beta, log_zero, xp: alpha * chance.cost - beta * log_zero * chance.wrong,
    lambda chance, alpha, beta, log_zero, xp: beta * log_zero * chance.p - alpha,
    lambda chance, alpha, beta, log_zero, xp: beta * log_zero - alpha / chance.p,
    formula="-alpha * log({p}) - beta * log_zero * (1 - {p})",
    parameters=(
        Parameter("alpha", "the weight of cross-entropy; 0 or more", default=0.1, low=0.0),
        Parameter("beta", "the weight of the reverse; 0 or more", default=1.0, low=0.0),
        Parameter("log_zero", "what stands for the logarithm of 0; below 0", default=-4.0, high=0.0),
    ),
    convex=False,
    robust=True,
    symmetric=False,
    aliases=("sce", "symmetric cross entropy learning"),
    references=(
        "Y. Wang et al., Symmetric cross entropy for robust learning with noisy labels, ICCV 2019, equation 6 and section 3.4,"
        " arXiv:1908.06112",
    ),
)
