"""The units that can be counted and priced: the published rates that price each, and its side of a breakdown."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal

Side = Literal["input", "output", "extra"]


class Unit(StrEnum):
    """A disjoint class of usage. Token classes never overlap: a cached audio token is counted once, as that."""

    INPUT = "input"
    CACHE_READ = "cache_read"
    CACHE_READ_EXPLICIT = "cache_read_explicit"
    CACHE_WRITE_5M = "cache_write_5m"
    CACHE_WRITE_1H = "cache_write_1h"
    CACHE_WRITE_12H = "cache_write_12h"
    INPUT_AUDIO = "input_audio"
    CACHE_READ_AUDIO = "cache_read_audio"
    CACHE_WRITE_AUDIO = "cache_write_audio"
    INPUT_IMAGE = "input_image"
    CACHE_READ_IMAGE = "cache_read_image"
    INPUT_VIDEO = "input_video"
    CITATION = "citation"
    OUTPUT = "output"
    REASONING = "reasoning"
    OUTPUT_AUDIO = "output_audio"
    OUTPUT_IMAGE = "output_image"
    OUTPUT_VIDEO = "output_video"

    CHARACTERS = "characters"
    OUTPUT_CHARACTERS = "output_characters"
    AUDIO_SECONDS = "audio_seconds"
    VIDEO_SECONDS = "video_seconds"
    INPUT_VIDEO_SECONDS = "input_video_seconds"
    SECONDS = "seconds"
    IMAGES = "images"
    INPUT_IMAGES = "input_images"
    PIXELS = "pixels"

    QUERIES = "queries"
    PAGES = "pages"
    ANNOTATED_PAGES = "annotated_pages"
    CREDITS = "credits"
    TEXT_MESSAGES = "text_messages"
    REQUESTS = "requests"
    WEB_SEARCHES = "web_searches"
    MAPS_QUERIES = "maps_queries"
    CODE_SESSIONS = "code_sessions"
    AUTOMATED_REASONING_POLICY = "automated_reasoning_policy"
    CONTENT_POLICY = "content_policy"
    CONTENT_POLICY_IMAGE = "content_policy_image"
    CONTEXTUAL_GROUNDING_POLICY = "contextual_grounding_policy"
    SENSITIVE_INFORMATION_POLICY = "sensitive_information_policy"
    SENSITIVE_INFORMATION_POLICY_FREE = "sensitive_information_policy_free"
    TOPIC_POLICY = "topic_policy"
    WORD_POLICY = "word_policy"

    # Enum's own hash is a Python function, and every look-up of a unit pays for it: a third of a call's costing.
    __hash__ = str.__hash__


INPUT_TOKEN: Final = "input_cost_per_token"
OUTPUT_TOKEN: Final = "output_cost_per_token"
CACHE_READ_TOKEN: Final = "cache_read_input_token_cost"
CACHE_WRITE_TOKEN: Final = "cache_creation_input_token_cost"
EXPLICIT_CACHE_READ_TOKEN: Final = "explicit_cache_read_input_token_cost"
IMAGE_OUTPUT_TOKEN: Final = "output_cost_per_image_token"
SEARCH_RATE: Final = "search_context_cost_per_query"
MAPS_RATE: Final = "google_maps_grounding_cost_per_query"
GUARDRAIL_RATE: Final = "guardrail_cost_per_unit"

# Which published rates price a unit, the unit's own first. A missing rate falls back along the row (data rule 2: no
# cache price is the input rate, no 1 h or 12 h write price the 5 m one); an explicit 0 is a price and ends the search.
RATES_OF_TOKENS: Final[dict[Unit, tuple[str, ...]]] = {
    Unit.INPUT: (INPUT_TOKEN,),
    Unit.CACHE_READ: (CACHE_READ_TOKEN, "input_cost_per_token_cache_hit", INPUT_TOKEN),
    Unit.CACHE_READ_EXPLICIT: (EXPLICIT_CACHE_READ_TOKEN, CACHE_READ_TOKEN, INPUT_TOKEN),
    Unit.CACHE_WRITE_5M: (CACHE_WRITE_TOKEN, INPUT_TOKEN),
    Unit.CACHE_WRITE_1H: (f"{CACHE_WRITE_TOKEN}_above_1hr", CACHE_WRITE_TOKEN, INPUT_TOKEN),
    Unit.CACHE_WRITE_12H: (f"{CACHE_WRITE_TOKEN}_above_12hr", CACHE_WRITE_TOKEN, INPUT_TOKEN),
    Unit.INPUT_AUDIO: ("input_cost_per_audio_token", INPUT_TOKEN),
    Unit.CACHE_READ_AUDIO: (
        "cache_read_input_audio_token_cost",
        CACHE_READ_TOKEN,
        "input_cost_per_audio_token",
        INPUT_TOKEN,
    ),
    Unit.CACHE_WRITE_AUDIO: (
        "cache_creation_input_audio_token_cost",
        CACHE_WRITE_TOKEN,
        "input_cost_per_audio_token",
        INPUT_TOKEN,
    ),
    Unit.INPUT_IMAGE: ("input_cost_per_image_token", INPUT_TOKEN),
    Unit.CACHE_READ_IMAGE: (
        "cache_read_input_image_token_cost",
        CACHE_READ_TOKEN,
        "input_cost_per_image_token",
        INPUT_TOKEN,
    ),
    Unit.INPUT_VIDEO: ("input_cost_per_video_token", INPUT_TOKEN),
    Unit.CITATION: ("citation_cost_per_token",),
    # A row that prices image tokens alone has no other output.
    Unit.OUTPUT: (OUTPUT_TOKEN, IMAGE_OUTPUT_TOKEN),
    Unit.REASONING: ("output_cost_per_reasoning_token", OUTPUT_TOKEN, IMAGE_OUTPUT_TOKEN),
    Unit.OUTPUT_AUDIO: ("output_cost_per_audio_token", OUTPUT_TOKEN),
    Unit.OUTPUT_IMAGE: (IMAGE_OUTPUT_TOKEN, OUTPUT_TOKEN),
    Unit.OUTPUT_VIDEO: ("output_cost_per_video_token", OUTPUT_TOKEN),
}

# Media measured by count. The output rate decides if it is above 0, else the input rate: whisper-1 carries both,
# and adding them doubles the price (data rule 5).
RATES_OF_MEDIA: Final[dict[Unit, tuple[str, ...]]] = {
    Unit.CHARACTERS: ("input_cost_per_character",),
    Unit.OUTPUT_CHARACTERS: ("output_cost_per_character",),
    Unit.AUDIO_SECONDS: ("output_cost_per_second", "input_cost_per_audio_per_second", "input_cost_per_second"),
    Unit.VIDEO_SECONDS: (
        "output_cost_per_video_per_second",
        "output_cost_per_second",
        "input_cost_per_video_per_second",
        "input_cost_per_second",
    ),
    Unit.INPUT_VIDEO_SECONDS: ("input_cost_per_video_per_second", "input_cost_per_second"),
    Unit.SECONDS: ("cost_per_second", "output_cost_per_second", "input_cost_per_second"),
    Unit.IMAGES: ("output_cost_per_image", "input_cost_per_image"),
    Unit.INPUT_IMAGES: ("input_cost_per_image",),
    Unit.PIXELS: ("output_cost_per_pixel", "input_cost_per_pixel"),
}

# Things bought beside the tokens; one without a rate is never covered by another price.
RATES_OF_EXTRAS: Final[dict[Unit, tuple[str, ...]]] = {
    Unit.QUERIES: ("input_cost_per_query",),
    Unit.PAGES: ("ocr_cost_per_page",),
    Unit.ANNOTATED_PAGES: ("annotation_cost_per_page",),
    Unit.CREDITS: ("ocr_cost_per_credit",),
    Unit.TEXT_MESSAGES: ("input_cost_per_text_message",),
    Unit.REQUESTS: ("input_cost_per_request",),
    Unit.WEB_SEARCHES: (SEARCH_RATE,),
    Unit.MAPS_QUERIES: (MAPS_RATE,),
    Unit.CODE_SESSIONS: ("code_interpreter_cost_per_session",),
    Unit.AUTOMATED_REASONING_POLICY: (f"{GUARDRAIL_RATE}.automatedReasoningPolicyUnits",),
    Unit.CONTENT_POLICY: (f"{GUARDRAIL_RATE}.contentPolicyUnits",),
    Unit.CONTENT_POLICY_IMAGE: (f"{GUARDRAIL_RATE}.contentPolicyImageUnits",),
    Unit.CONTEXTUAL_GROUNDING_POLICY: (f"{GUARDRAIL_RATE}.contextualGroundingPolicyUnits",),
    Unit.SENSITIVE_INFORMATION_POLICY: (f"{GUARDRAIL_RATE}.sensitiveInformationPolicyUnits",),
    Unit.SENSITIVE_INFORMATION_POLICY_FREE: (f"{GUARDRAIL_RATE}.sensitiveInformationPolicyFreeUnits",),
    Unit.TOPIC_POLICY: (f"{GUARDRAIL_RATE}.topicPolicyUnits",),
    Unit.WORD_POLICY: (f"{GUARDRAIL_RATE}.wordPolicyUnits",),
}

RATES_OF: Final = RATES_OF_TOKENS | RATES_OF_MEDIA | RATES_OF_EXTRAS

PRICED_RATES: Final = frozenset(name for names in RATES_OF.values() for name in names)
TOKEN_RATES: Final = frozenset(name for names in RATES_OF_TOKENS.values() for name in names)

# The same content counted twice: the unit on the left is not charged once the right one was, under that very rate.
# Each pair has a unit of media.
CHARGED_ALREADY: Final[dict[Unit, tuple[Unit, str]]] = {
    Unit.INPUT: (Unit.CHARACTERS, "input_cost_per_character"),
    Unit.IMAGES: (Unit.OUTPUT_IMAGE, IMAGE_OUTPUT_TOKEN),
    Unit.INPUT_IMAGE: (Unit.INPUT_IMAGES, "input_cost_per_image"),
    Unit.INPUT_AUDIO: (Unit.AUDIO_SECONDS, "input_cost_per_audio_per_second"),
    Unit.INPUT_VIDEO: (Unit.INPUT_VIDEO_SECONDS, "input_cost_per_video_per_second"),
}

_OUTPUT: Final = frozenset(
    {Unit.OUTPUT, Unit.REASONING, Unit.OUTPUT_AUDIO, Unit.OUTPUT_IMAGE, Unit.OUTPUT_VIDEO, Unit.OUTPUT_CHARACTERS}
)
# A query, a page or a generated picture is billed with the request, as the independent calculators report it.
_BILLED_WITH_REQUEST: Final = frozenset({Unit.IMAGES, Unit.QUERIES, Unit.PAGES, Unit.ANNOTATED_PAGES, Unit.CREDITS})

SIDE_OF: Final[Mapping[Unit, Side]] = {
    **dict.fromkeys(RATES_OF_EXTRAS, "extra"),
    **dict.fromkeys(RATES_OF_TOKENS, "input"),
    **dict.fromkeys(_BILLED_WITH_REQUEST, "input"),
    **dict.fromkeys(_OUTPUT, "output"),
}
