"""The catalogue's activations on PyTorch tensors, with the declared slope as their derivative."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.autograd.function import once_differentiable

from ogive.activation import Activation
from ogive.errors import InputError, InputTypeError

Tensor = torch.Tensor

_HALF_DTYPES = (torch.float16, torch.bfloat16)
_KERNEL_DTYPES = (torch.float16, torch.float32, torch.float64)


def function(entry: Activation) -> Callable[..., Tensor]:
    """Make a differentiable function of PyTorch tensors from an entry.

    Parameters
    ----------
    entry
        An elementwise activation of the catalogue, such as ``ogive.silu``; not one that draws random numbers.

    Returns
    -------
    A function ``(x, *parameters)``. Parameters are numbers (the entry's defaults where they are left out) or tensors
    that broadcast against `x`; a tensor parameter gets its gradient where the entry declares one.

    Raises
    ------
    InputError
        For an activation that draws random numbers.

    Examples
    --------
    >>> import ogive, torch
    >>> from ogive.backends.torch import function
    >>> x = torch.tensor([-1.0, 2.0], requires_grad=True)
    >>> function(ogive.get("relu"))(x).sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """
    if not isinstance(entry, Activation):
        raise InputTypeError(f"entry must be an elementwise activation of the catalogue, such as ogive.silu; got {entry!r}")
    if entry.random:
        raise InputError(f"{entry.name} draws random numbers, which this adapter does not; use a fixed activation")

    def apply(x: Tensor, *parameters: Any, **named: Any) -> Tensor:
        if not isinstance(x, Tensor):
            raise InputTypeError(
                f"{entry.name}: expected a tensor, got {type(x).__name__}; of arrays, ogive.{entry.name} itself takes care"
            )
        if not x.dtype.is_floating_point:
            raise InputTypeError(f"{entry.name}: expected a tensor of floats, got {x.dtype}; convert it, as with x.float()")
        result: Tensor = _Elementwise.apply(entry, x, *entry.bind(parameters, named))  # type: ignore[no-untyped-call]
        return result

    apply.__name__ = apply.__qualname__ = entry.name
    apply.__doc__ = entry.__doc__
    return apply


def bound(entry: Activation, x: Tensor, out: Tensor, slope: Tensor | None = None) -> Callable[[], object]:
    """Bind an activation to memory: each call reads `x` and writes values into `out`, and slopes into `slope`.

    What is called thousands of times on the same memory so costs little more than the arithmetic. No gradient is recorded.
    """
    parameters = entry.bind((), {})
    if not _has_kernel(entry, x):
        return partial(_define_into, entry, x, parameters, out, slope)
    if slope is None:
        return partial(entry.ufunc, x.numpy(), *parameters, out=out.numpy())
    return partial(entry.value_and_slope_ufunc, x.numpy(), *parameters, out=(out.numpy(), slope.numpy()))


def _define_into(entry: Activation, x: Tensor, parameters: tuple[Any, ...], out: Tensor, slope: Tensor | None) -> None:
    out.copy_(_defined(entry.definition, x, parameters))
    if slope is not None:
        slope.copy_(_defined(entry.slope_definition, x, parameters))


class _Elementwise(torch.autograd.Function):
    """One function for every entry: the slope is computed with the value and multiplied in on the way back."""

    @staticmethod
    def forward(ctx: Any, entry: Activation, x: Tensor, *parameters: Any) -> Tensor:
        plain = tuple(value.detach() if isinstance(value, Tensor) else value for value in parameters)
        cores = (len(core) for core in entry.term.cores[1:])
        loops = (np.shape(value)[: np.ndim(value) - core] for value, core in zip(plain, cores, strict=True))
        shape = np.broadcast_shapes(x.shape, *loops)
        if _has_kernel(entry, x) and not any(isinstance(value, Tensor) for value in plain):
            value, slope = torch.empty_like(x), torch.empty_like(x)
            evaluate_into = (value.detach().numpy(), slope.detach().numpy())
            entry.value_and_slope_ufunc(x.detach().numpy(), *plain, out=evaluate_into)
        else:
            value = _defined(entry.definition, x.detach(), plain).expand(shape)
            slope = _defined(entry.slope_definition, x.detach(), plain).expand(shape)
        ctx.entry, ctx.parameters = entry, plain
        ctx.save_for_backward(x.detach(), slope)
        return value

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        x, slope = ctx.saved_tensors
        along_x = (upstream * slope).sum_to_size(x.shape) if ctx.needs_input_grad[1] else None
        along_parameters = (
            _parameter_gradient(ctx, position, x, upstream) if needed else None for position, needed in enumerate(ctx.needs_input_grad[2:])
        )
        return None, along_x, *along_parameters


def _parameter_gradient(ctx: Any, position: int, x: Tensor, upstream: Tensor) -> Tensor:
    parameter = ctx.entry.parameters[position]
    if parameter.slope is None:
        raise InputError(f"{ctx.entry.name}: no derivative with respect to {parameter.name} is declared; detach() that tensor")
    slope = _defined(parameter.slope, x, ctx.parameters)
    upstream = upstream.reshape(upstream.shape + (1,) * len(ctx.entry.term.cores[1 + position]))
    return (upstream * slope).sum_to_size(ctx.parameters[position].shape)


def _has_kernel(entry: Activation, x: Tensor) -> bool:
    """Whether the entry is compiled and its kernel can read the tensor's memory."""
    return isinstance(entry.ufunc, np.ufunc) and x.device.type == "cpu" and x.dtype in _KERNEL_DTYPES


def _defined(definition: Callable[..., Any], x: Tensor, parameters: tuple[Any, ...]) -> Tensor:
    """The definition over PyTorch: half precision is computed in float32 and rounded once, the others in their own."""
    wide = torch.float32 if x.dtype in _HALF_DTYPES else x.dtype
    operands = [torch.as_tensor(value, dtype=wide, device=x.device) for value in (x, *parameters)]
    result: Tensor = definition(*operands, torch)
    return result.to(x.dtype)
