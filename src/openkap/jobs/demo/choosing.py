"""How made-up patients choose: what the director adopted of the figures, prices, wishes, talks, methods."""

from datetime import datetime
from decimal import Decimal
from random import Random

from openkap.apps.access.models import User
from openkap.apps.assessment import choosing
from openkap.apps.assessment.models import Episode
from openkap.apps.assessment.operations.method import choose_method, record_method_interview
from openkap.apps.assessment.operations.preferences import (
    Considered,
    Price,
    Wishes,
    note_preferences,
    record_options_talk,
    set_price,
)
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.knowledge_base.queries import knowledge_for, waits_for_decision
from openkap.jobs.demo.personas import Persona, Story
from openkap.jobs.demo.staff import House

# Checked by the made-up director; figures on magnetic stimulation still wait, so the aid has none.
ADOPTED = (
    "elekt-d-ketamine-remission", "elekt-d-ect-remission", "cobalt-2013-cbt-response",
    "cobalt-2013-usual-response", "star-d-step-3-relapse", "star-d-step-2-relapse", "option-ketamine-iv",
    "option-esketamine", "option-tablet", "option-augmentation", "option-cbt", "option-ect",
    "option-anxiety-ketamine", "option-anxiety-benzodiazepine",
)  # fmt: skip
PRICES = (
    ("option-ketamine-iv", "180", "visit", "not covered by most plans"),
    ("option-esketamine", "40", "visit", "covered, after approval"),
    ("option-tablet", "10", "month", "covered"),
    ("option-cbt", "25", "visit", "covered"),
    ("option-anxiety-ketamine", "180", "visit", "not covered by most plans"),
)
MATTERS = (
    (("soon", "memory", "few-visits"), "No more gaps in memory. I teach."),
    (("lasting", "no-daily-tablet"), "I am tired of tablets that change me."),
    (("control", "talking", "sure"), "I want somebody there the whole time."),
    (("cost", "few-visits", "side-effects"), "I cannot be away every weekday."),
)
GOALS = ("To laugh with my kids and mean it.", "To sleep, and to go back to work.", "To play music again.")
FEARS = ("Losing control during it.", "That it helps for a week and then is gone.", "Feeling worse after.")
QUESTIONS = ("What would you do if it does not help me?", "Can I keep my tablet?", "What does it feel like?")
NOTES = (
    "Went through the page together; she takes it home to her sister.",
    "Wants to hear about ECT again if this does not help.",
    "Understands that people in the studies knew what they were given.",
)
# which marker stands out, the method that is chosen, and why
PICTURES = (
    ("adverse-memories", "therapy-emdr", "The accident comes back every night; wants to work on it directly."),
    ("grim-images", "therapy-art", "Pictures push in all day; does not want to tell them aloud."),
    ("inner-parts", "therapy-ifs", "Speaks of a harsh part that never rests; curious about it."),
    ("rumination", "therapy-cbt", "Worries go round from morning on; knows thought records and liked them."),
    ("avoidance", "therapy-exposure", "Has not taken a train for two years; ready to plan steps."),
    ("withdrawal", "therapy-behavioural-activation", "Stopped seeing friends; wants small steps, no analysis."),
    ("body-symptoms", "therapy-somatic", "Everything sits in the chest and neck; breathing has helped before."),
)
ASKED = tuple(marker for marker, _method, _why in PICTURES)


def adopt_figures(house: House, opened: datetime) -> None:
    """The director checks some of the figures that were not read in their source."""
    known = knowledge_for(house.site, opened)
    for record_id in ADOPTED:
        record = known.record(record_id)
        if waits_for_decision(known, record):
            sign_off(
                by=house.director,
                now=opened,
                record_id=record_id,
                version=record.version,
                site=None,
                adopted=True,
            )


def enter_prices(house: House, opened: datetime) -> None:
    """What the house tells its patients they will pay."""
    for option, amount, per, note in PRICES:
        price = Price(Decimal(amount), "USD", per, note)
        set_price(by=house.coordinator, now=opened, site=house.site, option_id=option, price=price)


def choose(persona: Persona, house: House, episode: Episode, therapist: User, at: datetime) -> None:
    """What matters was asked, the options were gone through, and a method was chosen; some are not so far."""
    chance = Random(f"{persona.given_name} {persona.family_name} chooses")  # noqa: S311 (a life, not a secret)
    undecided = persona.story in {Story.ASSESSED, Story.BLOCKED}
    if undecided and chance.random() < 0.4:
        return
    _say_what_matters(house, episode, at, chance)
    _interview(episode, therapist, at, chance, signs=not undecided)
    if not undecided or chance.random() < 0.5:
        _talk_over(house, episode, at, chance)


def _say_what_matters(house: House, episode: Episode, at: datetime, chance: Random) -> None:
    matters, own_words = chance.choice(MATTERS)
    wishes = Wishes(
        matters=matters,
        own_words=own_words,
        goals=chance.choice(GOALS),
        fears=chance.choice(FEARS),
        questions=chance.choice(QUESTIONS),
        expectancy=chance.randint(4, 9),
    )
    note_preferences(by=house.prescriber, now=at, patient=episode.patient, wishes=wishes)


def _talk_over(house: House, episode: Episode, at: datetime, chance: Random) -> None:
    aid = choosing.aid_of(episode, at)
    offered = {one.option.id for one in aid.aid.options}
    standings = {
        "option-ketamine-iv": "preferred", "option-esketamine": "open", "option-ect": "declined",
        "option-cbt": "tried", "option-tablet": "tried", "option-anxiety-ketamine": "preferred",
        "option-anxiety-tablet": "tried", "option-anxiety-cbt-exposure": "open",
    }  # fmt: skip
    considered = [Considered(name, standing) for name, standing in standings.items() if name in offered]
    record_options_talk(
        by=house.prescriber, now=at, episode=episode, aid=aid, considered=considered, note=chance.choice(NOTES)
    )


def _interview(episode: Episode, therapist: User, at: datetime, chance: Random, *, signs: bool) -> None:
    leading, method, why = chance.choice(PICTURES)
    ratings = {marker: chance.randint(1, 5) for marker in ASKED if chance.random() < 0.8}
    ratings[leading] = chance.randint(8, 10)
    record_method_interview(by=therapist, now=at, patient=episode.patient, ratings=ratings)
    if signs:
        choose_method(by=therapist, now=at, episode=episode, method_id=method, reason=why)
