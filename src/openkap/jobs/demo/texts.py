"""What the made-up therapists write. Nothing of it is about anyone."""

METHODS = (
    "therapy-emdr", "therapy-ifs", "therapy-cbt", "therapy-art", "therapy-exposure",
    "therapy-behavioural-activation", "therapy-somatic", "therapy-supportive",
)  # fmt: skip
GOALS = (
    "Stay with the picture from the session without leaving the body.",
    "Find one thing worth doing before noon.",
    "Meet the part that says it is no use.",
    "Test the belief 'if I rest, everything falls apart'.",
    "Write down what felt true during the dose.",
    "Name what was avoided this week.",
)
HAPPENED = (
    "Arrived tired, warmed up over the hour. The image of the open door came back, steadier than last time.",
    "Spoke of 'the first quiet in years'. We kept to what was seen. Some grief, held well.",
    "Worked on the memory that came up. Distress fell in the last third; closed with the calm place.",
    "The critical voice was loud, then stepped back a little. What it guards became clearer.",
    "Looked at the week plan. Two of three things were done, one with more pleasure than expected.",
    "Little to tell about the dose; felt flat. We talked about waiting for a miracle, and about going on.",
)
HOMEWORK = (
    "Ten minutes of slow breathing in the evening, noted in the journal.",
    "One walk with somebody, before Thursday.",
    "Read the notes of the session once, aloud.",
    "Do the smallest step of the list and write down what was predicted and what happened.",
    "Draw the parts that came up, no words needed.",
)
RATED = (
    "how disturbing the picture is",
    "how true 'I am not enough' feels",
    "tension in the chest",
    "dread of the day",
)
PROCESS = (
    "Noticed wanting to reassure quickly. Slow down next time.",
    "Long silences felt full rather than empty. Ask about the brother when there is room.",
    "My own sadness near the end; take to supervision.",
)
ANSWERED = (
    "Called at once. Old thoughts, no plan; safety plan gone through. Partner informed with consent.",
    "Spoke in person before the visit went on. Passive thoughts only, no intent. Seen again tomorrow.",
    "Reached by phone. Answer was about last month. Crisis numbers repeated.",
)
MOVED = ("Has a cold", "Ride fell through", "Work would not let go", "Child is ill")
WAITING = "Waiting for the report of the general practitioner."
UNDECIDED = "Discussed at the team meeting; what is open is settled before the first dose."
STOPPED = "No response after four doses; decided together to look at other treatments."
CONSENT_QUESTIONS = (
    (
        "Can my sister be with me in the room?",
        "Yes, before and afterwards. During the dose she waits next door.",
    ),
    ("What if I feel nothing at all?", "Then we talk about it. Feeling little does not mean that it fails."),
    ("Do I have to stop my tablets?", "No. You go on as now; we only look at the sleeping pills."),
    ("Who sees that I was here?", "Those who care for you. You can see in the portal who looked."),
)
SAID_BACK = (
    "I get ketamine slowly into a vein. It may lift the weight for some days. It may also do nothing.",
    "ECT, the magnet treatment, another tablet with mine, or go on with therapy only and wait.",
    "I could feel far away or frightened, be sick, and my blood pressure goes up. Too often hurts the bladder.",
    "My sister drives me. No driving and nothing to sign until I have slept and a day is over.",
    "I just say so, also in the middle. Then it is stopped and nobody is cross.",
)
TAKEN_BACK = "It did not help and the days after were hard. No more doses, please."
CALLED = "Called. No more doses; feels safe. A visit next week to talk about what else there is."
