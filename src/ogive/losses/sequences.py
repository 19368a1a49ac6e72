"""Losses of sequences whose alignment with their labels is not known."""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.axiswise import log_softmax
from ogive.loss import Loss
from ogive.losses.sweeps import FRAMES
from ogive.parameter import Parameter
from ogive.special import take_along
from ogive.term import Input, Term

inf = math.inf


# Between two frames the state is: in front of label j (or behind the last) the paths that end in a blank, B_j, j = 0 … l, and the paths
# that end in label j, L_j, j = 0 … l - 1; all as logarithms. Before the first frame B_0 = 0 and everything else is -∞.


class _Alignment:
    """The two recursions over frames, masked by the lengths, in logarithms relative to the largest of the frame: these are small
    where they matter, so that no digits are lost to the length of the sequence.
    """

    def __init__(self, log_probabilities: Any, labels: Any, input_length: Any, label_length: Any, blank: Any, xp: Any) -> None:
        self.xp, self.frames, self.input_length = xp, log_probabilities.shape[-2], input_length
        row = log_probabilities[..., 0, :]
        self.classes = xp.cumsum(xp.ones_like(row), axis=-1) - 1
        counted = xp.cumsum(xp.ones_like(labels), axis=-1)  # 1 ... l
        self.labels = xp.where(counted <= label_length[..., None], labels, 0)
        self.emitted = [take_along(log_probabilities[..., t, :], self.labels, xp) for t in range(self.frames)]
        self.is_blank = self.classes == (0 * input_length + blank)[..., None]  # one for all, or one for each sequence
        self.blanks = [
            xp.sum(xp.where(self.is_blank, log_probabilities[..., t, :], 0.0), axis=-1, keepdims=True) for t in range(self.frames)
        ]
        nought = 0 * xp.where(xp.isfinite(row[..., :1]), row[..., :1], 0.0)  # of the dtype, and of the shape of a batch
        self.last_label = counted == label_length[..., None]
        self.last_blank = self.behind(label_length[..., None] == 0, self.last_label)
        self.no_blank = nought + 0 * xp.where(self.last_blank, nought, 0.0) - inf
        self.no_label = self.no_blank[..., 1:]
        changes = self.labels[..., 1:] != self.labels[..., :-1]
        yes = label_length[..., None] == label_length[..., None]
        self.skips = self.behind(~yes, changes)[..., : labels.shape[-1]]  # into label j from label j - 1, past the blank
        self.start = xp.where(self.behind(yes, counted < 1), 0.0, self.no_blank)

    def behind(self, first: Any, rest: Any) -> Any:
        return self.xp.concatenate([first, rest], axis=-1)

    def normalised(self, b: Any, labelled: Any) -> tuple[Any, Any, Any]:
        """Both, less the larger of their maxima, and that maximum."""
        xp = self.xp
        largest = xp.amax(self.behind(b, labelled), axis=-1, keepdims=True)
        shift = xp.where(largest > -inf, largest, 0.0)
        return b - shift, labelled - shift, largest

    def forward(self) -> tuple[list[Any], Any]:
        """(B, L) after each frame, its own emission included, and what both are less; and the logarithm of the probability."""
        xp = self.xp
        offset = 0.0
        b, labelled = self.start, self.no_label
        edge = self.no_blank[..., :1]
        found: list[Any] = []
        for t in range(self.frames):
            entering = self.behind(edge, labelled)  # from label j - 1, for j = 0 ... l
            into_label = xp.logaddexp(xp.logaddexp(labelled, b[..., :-1]), xp.where(self.skips, entering[..., :-1], -inf))
            live = (t < self.input_length)[..., None]
            b, labelled = (
                xp.where(live, xp.logaddexp(b, entering) + self.blanks[t], b),
                xp.where(live, into_label + self.emitted[t], labelled),
            )
            b, labelled, largest = self.normalised(b, labelled)
            offset = offset + largest[..., 0]
            found.append((b, labelled, offset))
        ends = xp.where(self.last_blank, b, -inf), xp.where(self.last_label, labelled, -inf)
        blank_end, label_end = xp.amax(ends[0], axis=-1), xp.amax(self.behind(edge, ends[1]), axis=-1)
        return found, xp.logaddexp(blank_end, label_end) + offset

    def backward(self) -> list[Any]:
        """For each frame the logarithm of what the frames after it emit on the way to the end, from (B, L)."""
        xp = self.xp
        b, labelled = xp.where(self.last_blank, 0.0, self.no_blank), xp.where(self.last_label, 0.0, self.no_label)
        edge = self.no_blank[..., :1]
        skips = self.behind(self.skips[..., 1:], self.skips[..., :1])  # out of label j past the blank; never out of the last
        found = [(b, labelled)]
        for t in range(self.frames - 1, 0, -1):
            b_next, l_next = b + self.blanks[t], labelled + self.emitted[t]
            leaving = xp.concatenate([l_next, edge], axis=-1)
            past = xp.where(skips, leaving[..., 1:], -inf)
            live = (t < self.input_length)[..., None]
            b, labelled = (
                xp.where(live, xp.logaddexp(b_next, leaving), b),
                xp.where(live, xp.logaddexp(xp.logaddexp(l_next, b_next[..., 1:]), past), labelled),
            )
            b, labelled, _ = self.normalised(b, labelled)
            found.append((b, labelled))
        return found[::-1]


def forward_probabilities(log_probabilities: Any, labels: Any, input_length: Any, blank: Any, xp: Any) -> tuple[Any, Any]:
    """The logarithms of the probabilities of the paths after each frame that end in the blank before each label or behind the last, and in
    each label: two arrays, the frames first.
    """
    every = xp.sum(xp.ones_like(labels), axis=-1)
    found, _ = _Alignment(log_probabilities, labels, input_length, every, blank, xp).forward()
    blanks, labelled = ([each[i] + each[2][..., None] for each in found] for i in (0, 1))
    return xp.stack(blanks, 0), xp.stack(labelled, 0)


def _value(log_probabilities: Any, labels: Any, input_length: Any, label_length: Any, blank: Any, zero_infinity: Any, xp: Any) -> Any:
    _, total = _Alignment(log_probabilities, labels, input_length, label_length, blank, xp).forward()
    return xp.where((total == -inf) & (zero_infinity > 0), 0.0, -total)


def _vjp(
    log_probabilities: Any, labels: Any, input_length: Any, label_length: Any, blank: Any, zero_infinity: Any, cotangent: Any, xp: Any
) -> tuple[Any]:
    """Minus the share of the alignments that pass through class c in frame t (Graves et al. 2006, equation 14), times the cotangent.

    By the log-probabilities as independent inputs: behind log_softmax, its own vjp gives the gradient by the logits. 0 from frame
    input_length on, and throughout where no alignment fits.
    """
    alignment = _Alignment(log_probabilities, labels, input_length, label_length, blank, xp)
    forward, _ = alignment.forward()
    frames = []
    for t, ((b_forward, l_forward, _), (b_backward, l_backward)) in enumerate(zip(forward, alignment.backward(), strict=True)):
        through_blank, through_label, top = alignment.normalised(b_forward + b_backward, l_forward + l_backward)
        counts = (t < input_length)[..., None] & ~(top == -inf)  # NaN counts, and comes out
        b_share = xp.where(counts, xp.exp(through_blank), 0.0)
        l_share = xp.where(counts, xp.exp(through_label), 0.0)
        total = xp.sum(b_share, axis=-1, keepdims=True) + xp.sum(l_share, axis=-1, keepdims=True)
        total = xp.where(counts, total, 1.0)  # the same for every frame, but for rounding: the shares of a frame sum to 1
        b_share, l_share = b_share / total, l_share / total
        share = xp.where(alignment.is_blank, xp.sum(b_share, axis=-1, keepdims=True), 0.0)
        for j in range(labels.shape[-1]):
            share = share + xp.where(alignment.classes == alignment.labels[..., j, None], l_share[..., j, None], 0.0)
        frames.append(-cotangent[..., None] * share)
    return (xp.stack(frames, -2),)


def _value_of_logits(logits: Any, *arguments: Any) -> Any:
    return _value(log_softmax.definition(logits, arguments[-1]), *arguments)


def _vjp_of_logits(logits: Any, *arguments: Any) -> tuple[Any]:
    *_, xp = arguments
    log_probabilities = log_softmax.definition(logits, xp)
    (by_logs,) = _vjp(log_probabilities, *arguments)
    total = xp.sum(by_logs, axis=-1, keepdims=True)  # 0 in the frames that do not count, whatever they hold
    return (by_logs - xp.where(total == 0, 0.0, xp.exp(log_probabilities) * total),)


def _reference(functions: Any, prediction: Any, labels: Any, input_lengths: int, label_lengths: int, blank: Any, **_: Any) -> Any:
    """Minus the logarithm of the probability, by the plain recursion over probabilities."""
    extended = [blank]
    for label in labels[:label_lengths]:
        extended += [label, blank]
    state = [functions.number(1)] + [functions.number(0)] * (len(extended) - 1)  # before the first frame, as if behind a blank
    for frame in prediction[:input_lengths]:
        previous, state = state, []
        for s, label in enumerate(extended):
            total = sum(previous[max(s - 1, 0) : s + 1])
            if s >= 2 and label != blank and label != extended[s - 2]:
                total = total + previous[s - 2]
            state.append(total * functions.exp(frame[int(label)]))
    return -functions.log(state[-1] + (state[-2] if label_lengths else 0))


def _reference_of_logits(functions: Any, prediction: Any, **others: Any) -> Any:
    frames = [[v - functions.log(sum(map(functions.exp, frame))) for v in frame] for frame in prediction]
    return _reference(functions, frames, **others)


def _inputs(high: float) -> tuple[Input, ...]:
    return (
        Input("prediction", "array of shape (…, t, c): for each of t frames, c classes and the blank among them", True, high=high),
        Input(
            "labels",
            "integers of shape (…, l), class numbers other than the blank; what is beyond a length is not read",
            role="labels",
            of="c",
        ),
        Input("input_lengths", "integers of shape (…): how many frames count", role="length", of="t"),
        Input("label_lengths", "integers of shape (…): how many labels count", role="length", of="l"),
    )


_PARAMETERS = (
    Parameter("blank", "the class number of the blank", default=0, low=0, whole=True),
    Parameter("zero_infinity", "whether labels that no alignment fits cost 0 instead of ∞", default=0, switch=True),
)
_SIGNATURE = "(t,c),(l),(),(),(),()->()"

ctc = Loss(
    name="ctc",
    description="""Minus the log-probability of a labelling over all its alignments with the frames: connectionist temporal classification.

    Labels that no alignment fits (too few frames, counting one between equal neighbours) cost ∞ and have the gradient 0. The gradient from
    log-probabilities takes them as independent inputs, where PyTorch's assumes that log_softmax is behind them; that from logits holds it.

    PyTorch's frames come first, (t, n, c), and its mean divides each term by its number of labels first. Keras's padded labels have the
    lengths ``(labels != 0).sum(-1)``, and optax's paddings ``(paddings == 0).sum(-1)``.

    Examples
    --------
    >>> chances = np.log([[0.1, 0.6, 0.3], [0.2, 0.5, 0.3]])
    >>> ogive.ctc(chances, [1], 2, 1, given="log_probabilities").round(12)  # the paths 1 1, 1 blank and blank 1
    np.float64(0.755022584278)
    """,
    terms={
        "logits": Term(
            name="ctc_logits",
            signature=_SIGNATURE,
            inputs=_inputs(inf),
            parameters=_PARAMETERS,
            reference=_reference_of_logits,
            value=_value_of_logits,
            vjp=_vjp_of_logits,
            link="softmax",
        ),
        "log_probabilities": Term(
            name="ctc_log_probabilities",
            signature=_SIGNATURE,
            inputs=_inputs(0.0),
            parameters=_PARAMETERS,
            reference=_reference,
            value=_value,
            vjp=_vjp,
        ),
    },
    information=True,
    sweep=FRAMES,
    convex=False,
    robust=True,
    aliases=("ctc loss", "connectionist temporal classification"),
    references=("A. Graves, S. Fernández, F. Gomez, J. Schmidhuber, Connectionist temporal classification, ICML 2006, section 4.1",),
)
