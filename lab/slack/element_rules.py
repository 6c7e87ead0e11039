"""Check Block Kit elements and the objects that they are composed of."""

from collections.abc import Callable, Mapping

from lab.json_object import JsonObject
from lab.slack import limits
from lab.slack.complaint import ANY_TEXT, PLAIN, Complaints

ElementRule = Callable[[JsonObject, str, Complaints], None]

ACTION_ELEMENTS = (
    "button",
    "static_select",
    "overflow",
    "datepicker",
    "datetimepicker",
    "checkboxes",
)
INPUT_ELEMENTS = (
    "plain_text_input",
    "number_input",
    "static_select",
    "datepicker",
    "datetimepicker",
    "checkboxes",
)
ACCESSORIES = (
    *(one for one in ACTION_ELEMENTS if one != "datetimepicker"),
    "image",
)


def check_element(
    element: JsonObject, pointer: str, complaints: Complaints, kinds: tuple[str, ...]
) -> None:
    kind = element.get("type")
    if kind not in kinds:
        complaints.add(f"unsupported type: {kind}", f"{pointer}/type")
        return
    complaints.string(element, "action_id", pointer, most=limits.ACTION_ID)
    element_rules()[str(kind)](element, pointer, complaints)
    if "confirm" in element:
        check_confirm(element["confirm"], f"{pointer}/confirm", complaints)


def element_rules() -> Mapping[str, ElementRule]:
    return {
        "button": check_button,
        "static_select": check_select,
        "overflow": check_overflow,
        "datepicker": check_datepicker,
        "datetimepicker": check_datetimepicker,
        "checkboxes": check_checkboxes,
        "image": check_image,
        "plain_text_input": check_text_input,
        "number_input": check_number_input,
    }


def check_button(element: JsonObject, pointer: str, complaints: Complaints) -> None:
    complaints.text(element, "text", pointer, most=limits.BUTTON_TEXT)
    complaints.string(element, "value", pointer, most=limits.BUTTON_VALUE)
    complaints.string(element, "url", pointer, most=limits.URL)
    complaints.string(element, "accessibility_label", pointer, most=limits.BUTTON_TEXT)
    if element.get("style") not in (None, "primary", "danger"):
        complaints.add("must be one of: primary, danger", f"{pointer}/style")


def check_select(element: JsonObject, pointer: str, complaints: Complaints) -> None:
    check_placeholder(element, pointer, complaints)
    if "option_groups" in element:
        groups = complaints.objects(
            element, "option_groups", pointer, most=limits.SELECT_OPTIONS
        )
        for group, place in groups:
            complaints.text(group, "label", place, most=limits.OPTION_TEXT)
            check_options(group, place, complaints, most=limits.SELECT_OPTIONS)
    else:
        check_options(element, pointer, complaints, most=limits.SELECT_OPTIONS)


def check_overflow(element: JsonObject, pointer: str, complaints: Complaints) -> None:
    check_options(element, pointer, complaints, most=limits.OVERFLOW_OPTIONS)


def check_checkboxes(element: JsonObject, pointer: str, complaints: Complaints) -> None:
    check_options(
        element, pointer, complaints, most=limits.CHECKBOX_OPTIONS, kinds=ANY_TEXT
    )


def check_datepicker(element: JsonObject, pointer: str, complaints: Complaints) -> None:
    check_placeholder(element, pointer, complaints)
    complaints.string(element, "initial_date", pointer, most=10)


def check_datetimepicker(
    element: JsonObject, pointer: str, complaints: Complaints
) -> None:
    """Unix seconds of ten digits, and no placeholder (slack_sdk DateTimePicker)."""
    initial = element.get("initial_date_time")
    if initial is not None and not (
        isinstance(initial, int) and len(str(initial)) == limits.DATE_TIME_DIGITS
    ):
        complaints.add("must be 10 digits", f"{pointer}/initial_date_time")
    if "placeholder" in element:
        complaints.add("additional property", f"{pointer}/placeholder")


def check_image(element: JsonObject, pointer: str, complaints: Complaints) -> None:
    named = element.get("slack_file")
    if isinstance(named, dict):
        complaints.string(named, "id", f"{pointer}/slack_file", most=20, required=True)
    else:
        complaints.string(
            element, "image_url", pointer, most=limits.IMAGE_URL, required=True
        )
    complaints.string(element, "alt_text", pointer, most=limits.ALT_TEXT, required=True)


def check_text_input(element: JsonObject, pointer: str, complaints: Complaints) -> None:
    check_placeholder(element, pointer, complaints)
    complaints.string(element, "initial_value", pointer, most=limits.INPUT_LENGTH)
    longest = element.get("max_length")
    if longest is not None and not 1 <= longest <= limits.INPUT_LENGTH:
        complaints.add(
            f"must be between 1 and {limits.INPUT_LENGTH}", f"{pointer}/max_length"
        )


def check_number_input(
    element: JsonObject, pointer: str, complaints: Complaints
) -> None:
    check_placeholder(element, pointer, complaints)
    if not isinstance(element.get("is_decimal_allowed"), bool):
        complaints.add("missing required field: is_decimal_allowed", pointer)
    for name in ("min_value", "max_value", "initial_value"):
        value = element.get(name)
        if value is not None and not is_number_text(value):
            complaints.add("must be a string holding a number", f"{pointer}/{name}")


def is_number_text(value: object) -> bool:
    try:
        return isinstance(value, str) and float(value) is not None
    except ValueError:
        return False


def check_options(
    holder: JsonObject,
    pointer: str,
    complaints: Complaints,
    *,
    most: int,
    kinds: tuple[str, ...] = PLAIN,
) -> None:
    for option, place in complaints.objects(holder, "options", pointer, most=most):
        complaints.text(option, "text", place, most=limits.OPTION_TEXT, kinds=kinds)
        complaints.string(
            option, "value", place, most=limits.OPTION_VALUE, required=True
        )
        complaints.text(
            option,
            "description",
            place,
            most=limits.OPTION_DESCRIPTION,
            kinds=kinds,
            required=False,
        )


def check_placeholder(
    element: JsonObject, pointer: str, complaints: Complaints
) -> None:
    complaints.text(
        element, "placeholder", pointer, most=limits.PLACEHOLDER, required=False
    )


def check_confirm(confirm: object, pointer: str, complaints: Complaints) -> None:
    if not isinstance(confirm, dict):
        complaints.add("must be a confirmation object", pointer)
        return
    complaints.text(confirm, "title", pointer, most=limits.CONFIRM_TITLE)
    complaints.text(confirm, "text", pointer, most=limits.CONFIRM_TEXT, kinds=ANY_TEXT)
    complaints.text(confirm, "confirm", pointer, most=limits.CONFIRM_BUTTON)
    complaints.text(confirm, "deny", pointer, most=limits.CONFIRM_BUTTON)
