"""The settings of a training: empty ones filled in, those that would do nothing refused."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from studio.component import ComponentError, say

from ._examples import ClassWeights
from ._network import Network
from ._trainer import Rule
from ._training import Schedule

_DEFAULT_METRIC = "auc"
_DEFAULT_PATIENCE = 2
_DEFAULT_MOMENTUM = 0.9
_DEFAULT_GAMMA = 2.0


@dataclass(frozen=True)
class Choices:
    """What a person set; None where the form was left empty."""

    combine: str
    epochs: int
    batch_size: int
    learning_rate: float
    embedding_learning_rate: float | None
    learning_rate_decay: float
    optimizer: str
    momentum: float | None
    l1: float
    l2_projection: float
    loss: str
    focal_gamma: float | None
    positive_weight: float
    balance_classes: bool
    eval_metric: str | None
    early_stopping_patience: int | None
    seed: int

    @property
    def metric(self) -> str:
        return self.eval_metric or _DEFAULT_METRIC

    @property
    def classes(self) -> ClassWeights:
        return ClassWeights(None if self.balance_classes else self.positive_weight)

    def rule(self, rows: int, start: int) -> Rule:
        return Rule(
            optimizer=self.optimizer,
            momentum=_DEFAULT_MOMENTUM if self.momentum is None else self.momentum,
            l1=self.l1,
            loss=self.loss,
            focal_gamma=_DEFAULT_GAMMA if self.focal_gamma is None else self.focal_gamma,
            seed=self.seed,
            batch_size=min(self.batch_size, rows),
            start=start,
        )

    def schedule(self) -> Schedule:
        return Schedule(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            embedding_learning_rate=self.embedding_learning_rate or self.learning_rate,
            learning_rate_decay=self.learning_rate_decay,
            patience=self.early_stopping_patience or _DEFAULT_PATIENCE,
            seed=self.seed,
        )

    def resolved(self, validated: bool) -> dict[str, Any]:
        """As they took effect, for the model's record."""
        settings = asdict(self)
        settings["embedding_learning_rate"] = self.schedule().embedding_learning_rate
        settings["momentum"] = self.rule(1, 0).momentum if self.optimizer == "momentum" else None
        settings["focal_gamma"] = self.rule(1, 0).focal_gamma if self.loss == "focal" else None
        settings["eval_metric"] = self.metric if validated else None
        settings["early_stopping_patience"] = self.schedule().patience if validated else None
        return settings

    def check(self, network: Network, validated: bool) -> None:
        """Refuse a setting that would silently do nothing."""
        linear = any(block["type"] == "linear" for block in network.blocks)
        if self.momentum is not None and self.optimizer != "momentum":
            raise _inert("momentum", f"the optimizer is {self.optimizer}", "choose momentum")
        if self.focal_gamma is not None and self.loss != "focal":
            raise _inert("focal_gamma", f"the loss is {self.loss}", "choose focal")
        if self.balance_classes and self.positive_weight != 1:
            raise _inert("positive_weight", "'balance_classes' is on", "turn it off")
        if self.l1 and self.optimizer != "ftrl":
            raise _inert("l1", f"the optimizer is {self.optimizer}", "choose ftrl")
        if self.l1 and not linear:
            raise _inert("l1", "no linear block is connected", "connect one")
        if self.l2_projection and self.combine != "projection":
            raise _inert("l2_projection", "'combine' is sum", "choose projection")
        if self.eval_metric is not None and not validated:
            raise _inert("eval_metric", "nothing is connected to 'validation'", "connect it")
        if self.early_stopping_patience is not None and not validated:
            missing = "nothing is connected to 'validation'"
            raise _inert("early_stopping_patience", missing, "connect it")


def _inert(parameter: str, reason: str, way_out: str) -> ComponentError:
    return ComponentError(
        say(
            "'{parameter}' is set, but would do nothing: {reason}.",
            parameter=parameter,
            reason=reason,
        ),
        hint=say("Clear '{parameter}', or {way_out}.", parameter=parameter, way_out=way_out),
        parameter=parameter,
        code="parameter.without_effect",
    )
