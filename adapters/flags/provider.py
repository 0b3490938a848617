"""Our definitions as an OpenFeature provider."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode, TypeMismatchError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, Metadata

from adapters.flags.definitions import Definition, Definitions, Problem
from ports.flags import Flag, FlagSubject

_BY_KEY: Final = {flag.key: flag for flag in Flag}


class DefinitionsProvider(AbstractProvider):
    """Every flag is a text out of a closed list, so other types are refused."""

    def __init__(self, name: str, definitions: Definitions) -> None:
        super().__init__()
        self._name = name
        self.definitions = definitions

    def get_metadata(self) -> Metadata:
        return Metadata(name=self._name)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        match self.definitions.get(flag_key):
            case Problem(text=text):
                return _failed(default_value, ErrorCode.PARSE_ERROR, text)
            case Definition() as definition:
                value = definition.value_for(_BY_KEY[flag_key], _subject(evaluation_context))
                if value is not None:
                    reason = Reason.TARGETING_MATCH if definition.rules else Reason.STATIC
                    return FlagResolutionDetails(value=value, variant=value, reason=reason)
        return _failed(default_value, ErrorCode.FLAG_NOT_FOUND, "nothing is said")

    def resolve_boolean_details(
        self,
        flag_key: str,
        default_value: bool,  # noqa: FBT001 - OpenFeature calls it so
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        self._refuse_type()

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        self._refuse_type()

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        self._refuse_type()

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        self._refuse_type()

    def _refuse_type(self) -> NoReturn:
        raise TypeMismatchError("flags are texts")


def context_of(subject: FlagSubject) -> EvaluationContext:
    return EvaluationContext(
        targeting_key=subject.key,
        attributes={
            name: value
            for name, value in (("customer_id", subject.customer_id), ("currency", subject.currency))
            if value is not None
        },
    )


def _subject(context: EvaluationContext | None) -> FlagSubject:
    if context is None:
        return FlagSubject()
    told: Mapping[str, Any] = context.attributes
    return FlagSubject(
        key=context.targeting_key, customer_id=told.get("customer_id"), currency=told.get("currency")
    )


def _failed(default: str, code: ErrorCode, message: str) -> FlagResolutionDetails[str]:
    return FlagResolutionDetails(value=default, error_code=code, error_message=message, reason=Reason.ERROR)
