"""`serving:` in a workload.yaml: how its models are answered with, and on what."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from headrace.options.challenger import Challenger

GPU_CPUS, GPU_MEMORY_MIB = 4, 16384
"""The least that Cloud Run gives an instance with a GPU."""


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Instance(_Described):
    """One instance of the workload's Cloud Run service, and how many there may be; `least` of them never end.

    An instance has its processor, and is paid for, while it starts, answers and ends. Between requests it stands
    still: it goes on following the registry and publishing its log when it is asked again. With a `least` above 0 it
    works and is paid for as long as it lives, and so it is with a `gpu` such as nvidia-l4, which asks for 4 cores and
    16 GiB or more.
    """

    cpus: float = Field(1, ge=1, le=8)
    memory_mib: int = Field(512, ge=512, le=32768)
    least: int = Field(0, ge=0)
    most: int = Field(4, ge=1)
    at_once: int = Field(80, ge=1, le=1000)
    gpu: str | None = None

    @property
    def always_on(self) -> bool:
        """Whether it works and is paid for between requests."""
        return self.least > 0 or bool(self.gpu)

    @model_validator(mode="after")
    def _is_one_that_there_is(self) -> Self:
        if self.least > self.most:
            raise ValueError(f"instance.least {self.least} must not be above instance.most {self.most}")
        if self.gpu and (self.cpus < GPU_CPUS or self.memory_mib < GPU_MEMORY_MIB):
            raise ValueError(
                f"an instance with a {self.gpu} has {GPU_CPUS} cpus and {GPU_MEMORY_MIB} memory_mib or more; "
                f"instance says {self.cpus:g} and {self.memory_mib}"
            )
        return self


class ServingLimits(_Described):
    """How the inference service answers for the workload.

    A request has `max_rows` rows and `max_body_mib` MiB at most, and is answered within `timeout_seconds`. `queue` rows
    may wait for the model; it is given `batch` rows a call at most, and no more than it answers in about `call_ms`. A
    row waits up to `gather_ms` for others to share its call. A call runs on `threads` cores: more than one make a slow
    model's answer come sooner, and fewer of them at once. A `log_share` of the requests is logged.
    """

    max_rows: int = Field(1000, ge=1)
    max_body_mib: float = Field(8, gt=0, le=32)
    timeout_seconds: float = Field(30, gt=0, le=600)
    queue: int = Field(1024, ge=1)
    batch: int = Field(256, ge=1)
    call_ms: float = Field(50, gt=0)
    gather_ms: float = Field(0, ge=0, le=1000)
    threads: int = Field(1, ge=1, le=64)
    log_share: float = Field(1, ge=0, le=1)
    challenger: Challenger = Challenger()
    instance: Instance = Instance()
