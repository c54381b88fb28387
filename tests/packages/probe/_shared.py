"""Imported by `number`: a change here changes that component's digest."""


def as_document(value: float) -> dict[str, float]:
    return {"value": value}
