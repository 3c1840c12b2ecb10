"""A CUDA device that there is not: tensors of the processor, some of them marked as being on it.

Everything is computed by the processor with real values. What is marked says that its device is
CUDA, and an operation refuses what a CUDA device would refuse: a tensor that lies elsewhere, or
to be read by NumPy. Marks belong to the memory, so that views, gradients and saved tensors keep
them. What runs in other threads is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._C import DisableTorchFunction
from torch.multiprocessing.reductions import StorageWeakRef
from torch.nn.utils import clip_grad
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree
from torch.utils._foreach_utils import _group_tensors_by_device_and_dtype
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

GPU = torch.device("cuda", 0)
aten = torch.ops.aten
# Their tensors may lie on either side: they carry from one to the other.
CARRYING = {aten.copy_.default, aten._to_copy.default, aten.fill_.Tensor}
INDEXING = {
    aten.index.Tensor,
    aten.index_put.default,
    aten.index_put_.default,
    aten._index_put_impl_.default,
}


class WrongDeviceError(RuntimeError):
    """What CUDA would not have computed."""


class Marks:
    """Which memory is on the pretended device."""

    def __init__(self) -> None:
        self._marked: dict[int, StorageWeakRef] = {}  # a weak reference keeps its key from reuse

    def __contains__(self, tensor: object) -> bool:
        if not isinstance(tensor, Tensor):
            return False
        return tensor.untyped_storage()._cdata in self._marked

    def __len__(self) -> int:
        return len(self._marked)

    def add(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        self._marked.setdefault(storage._cdata, StorageWeakRef(storage))  # type: ignore[no-untyped-call]
        return tensor

    def remove(self, tensor: Tensor) -> Tensor:
        self._marked.pop(tensor.untyped_storage()._cdata, None)
        return tensor

    def copied(self, tensor: Tensor, *, onto_gpu: bool) -> Tensor:
        copy = tensor.clone()
        return self.add(copy) if onto_gpu else self.remove(copy)


class _Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Below autograd and autocast: refuses operations on tensors that lie apart."""

    def __init__(self, marks: Marks) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._marks = marks
        self.within_gpu = False  # an operation on marked tensors is under way

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        tensors = [one for one in pytree.tree_leaves((args, kwargs)) if isinstance(one, Tensor)]
        if not tensors:  # what an operation makes for itself is where its operands are
            made = func(*args, **(kwargs or {}))
            return self._marks.add(made) if self.within_gpu and isinstance(made, Tensor) else made
        on_gpu = any(one in self._marks for one in tensors)
        if on_gpu:
            self._require_together(func, args, tensors)
        answer = func(*args, **(kwargs or {}))
        if func is aten.copy_.default:  # what was there stays where it is
            return answer
        return pytree.tree_map_only(Tensor, self._marks.add, answer) if on_gpu else answer

    def _require_together(self, func: Any, args: Sequence[Any], tensors: Sequence[Tensor]) -> None:
        if func in CARRYING:
            return
        away = [one for one in tensors if one not in self._marks]
        if func in INDEXING and args[0] in self._marks:
            away = [one for one in away if not any(one is index for index in args[1])]
        if torch.Tag.pointwise in func.tags or func in INDEXING:
            away = [one for one in away if one.dim()]  # single numbers are carried along
        if away:
            shapes = ", ".join(str(tuple(one.shape)) for one in away)
            raise WrongDeviceError(f"{func} of tensors on CUDA and on the processor ({shapes})")


class _Methods(TorchFunctionMode):
    """Above autograd: where tensors say that they are, and how they are moved or made."""

    def __init__(self, marks: Marks, operations: _Operations) -> None:
        super().__init__()
        self._marks = marks
        self._operations = operations
        self._answers: dict[Any, Callable[..., Any]] = {
            Tensor.device.__get__: lambda one: GPU if one in marks else one.device,
            Tensor.is_cuda.__get__: lambda one: one in marks,  # type: ignore[attr-defined]
            Tensor.is_cpu.__get__: lambda one: one not in marks,  # type: ignore[attr-defined]
            Tensor.to: self._to,
            Tensor.cpu: lambda one: self._moved(one, onto_gpu=False),
            Tensor.pin_memory: lambda one: one,
            Tensor.numpy: self._numpy,
            Tensor.__array__: lambda one, dtype=None: self._numpy(one).astype(dtype, copy=False),
            Tensor.new_tensor: self._new_tensor,
            Tensor.__deepcopy__: self._deepcopy,
        }

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in self._answers:
            return self._answers[func](*args, **kwargs)
        device = kwargs.get("device")
        if device is None or torch.device(device).type not in {"cuda", "cpu"}:
            return self._operated(func, args, kwargs)
        onto_gpu = torch.device(kwargs.pop("device")).type == "cuda"
        made = func(*args, **kwargs)
        if made in self._marks or any(made is given for given in args):
            return self._moved(made, onto_gpu=onto_gpu)
        return self._marks.add(made.clone() if args else made) if onto_gpu else made

    def _operated(self, func: Any, args: Any, kwargs: Any) -> Any:
        before = self._operations.within_gpu
        self._operations.within_gpu = any(
            one in self._marks for one in pytree.tree_leaves((args, kwargs))
        )
        try:
            return func(*args, **kwargs)
        finally:
            self._operations.within_gpu = before

    def _to(self, tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if args and isinstance(args[0], Tensor):
            args = (GPU if args[0] in self._marks else "cpu", args[0].dtype, *args[1:])
        device, dtype, _, memory_format = torch._C._nn._parse_to(*args, **kwargs)
        if memory_format is not None:
            tensor = tensor.to(memory_format=memory_format)
        if dtype is not None and dtype is not tensor.dtype:
            tensor = tensor.type(dtype)
        return tensor if device is None else self._moved(tensor, onto_gpu=device.type == "cuda")

    def _moved(self, tensor: Tensor, *, onto_gpu: bool) -> Tensor:
        if (tensor in self._marks) is onto_gpu:
            return tensor
        return self._marks.copied(tensor, onto_gpu=onto_gpu)

    def _numpy(self, tensor: Tensor, *, force: bool = False) -> Any:
        if tensor in self._marks:
            raise WrongDeviceError("NumPy cannot read what is on CUDA")
        return tensor.numpy(force=force)

    def _new_tensor(
        self, like: Tensor, data: Any, *, dtype: torch.dtype | None = None, device: Any = GPU
    ) -> Tensor:
        onto_gpu = torch.device(device).type == "cuda"
        made = torch.tensor(data, dtype=dtype or like.dtype)
        return self._marks.add(made) if onto_gpu and like in self._marks else made

    def _deepcopy(self, tensor: Tensor, memo: dict[int, Any]) -> Tensor:
        copy = tensor.__deepcopy__(memo)  # type: ignore[no-untyped-call]
        return self._marks.add(copy) if tensor in self._marks else copy


@contextmanager
def pretended_gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[Marks]:
    """What is computed on `GPU` is computed as though on a CUDA device.

    The rounding of bfloat16 is that of the processor's autocast, which casts about the same
    operations as CUDA's.
    """
    marks = Marks()
    autocast, grouped = torch.autocast, _group_tensors_by_device_and_dtype
    export = torch.onnx.export

    def grouped_by_mark(lists: Any) -> Any:
        """PyTorch's C++ asks for the device without us."""
        groups = grouped(lists)
        return {
            (GPU if group[0][0][0] in marks else device, dtype): group
            for (device, dtype), group in groups.items()
        }

    def exported(network: nn.Module, samples: tuple[Tensor, ...], *args: Any, **named: Any) -> None:
        """The exporter traces, which no mode may see; so all must be on the processor by then."""
        tensors = [*samples, *network.parameters(), *network.buffers()]
        if any(one in marks for one in tensors):
            raise WrongDeviceError("what is exported is on CUDA")
        with DisableTorchFunction(), _disable_current_modes():
            export(network, samples, *args, **named)

    monkeypatch.setattr(
        torch, "autocast", lambda _, *args, **named: autocast("cpu", *args, **named)
    )
    monkeypatch.setattr(torch.onnx, "export", exported)
    monkeypatch.setattr(clip_grad, "_group_tensors_by_device_and_dtype", grouped_by_mark)
    with _Operations(marks) as operations, _Methods(marks, operations):
        yield marks
