"""A LightGBM model as the studio keeps models: text in a document, nothing that is unpickled."""

from __future__ import annotations

import lightgbm as lgb

from studio.component import ComponentError, Model


def pack(booster: lgb.Booster, features: list[str]) -> Model:
    return Model({"format": "lightgbm", "features": features, "text": booster.model_to_string()})


def unpack(model: Model) -> tuple[lgb.Booster, list[str]]:
    if model.document.get("format") != "lightgbm":
        raise ComponentError("This model was not trained by LightGBM.")
    return lgb.Booster(model_str=model.document["text"]), list(model.document["features"])
