"""The words of the invented documents. None of the places, papers and people in them exist."""

from __future__ import annotations

from typing import Final

TOPICS: Final = (
    "Glacier Science",
    "Night Trains",
    "Mushroom Farming",
    "Paper Batteries",
    "Cloud Forests",
    "Velodromes",
    "Cheese Caves",
    "Quantum Clocks",
    "Rope Bridges",
    "Beekeeping",
    "Sign Painting",
    "Deep Drilling",
    "Puppet Theatre",
    "Snow Ploughs",
    "Seed Vaults",
    "Radio Drama",
    "Mountain Rescue",
    "Fermentation",
    "Cartography",
    "Wind Organs",
    "Village Schools",
    "Salt Mines",
    "Drone Post",
    "Slow Fashion",
)
CREATORS: Final = (
    "Vallmark",
    "Ostrevane",
    "Kellimoor",
    "Tarnbury",
    "Hollowfen",
    "Piz Averra",
    "Lindqvale",
    "Sankt Orlo",
    "Brightmere",
    "Castagnone",
    "Upper Wend",
    "Dúnhaf",
)
PAPERS: Final = ("Almanac", "Bulletin", "Chronicle", "Examiner", "Notebook", "Observer", "Sentinel")
SUBJECTS: Final = (
    "Council of Ostrevane",
    "Retired cartographer",
    "A choir of ploughmen",
    "Vallmark’s youngest baker",
    "The last salt miner",
    "University of Lindqvale",
    "Two sisters from Tarnbury",
    "Mountain rescuers",
    "An unlikely orchard",
    "Kellimoor observatory",
    "The seed vault",
    "A school of eleven pupils",
    "Night train crew",
    "Студенты Верхнего Венда",
    "山の郵便局",
    "Γλυπτρια απο τη Λίνη",
)
VERBS: Final = (
    "maps",
    "reopens",
    "questions",
    "restores",
    "measures",
    "abandons",
    "rediscovers",
    "auctions",
    "defends",
    "rehearses",
    "rebuilds",
    "borrows",
)
OBJECTS: Final = (
    "a forgotten tunnel",
    "the oldest rope bridge",
    "its own weather archive",
    "a clock that loses nothing",
    "the winter timetable",
    "ninety metres of shelving",
    "an opera for puppets",
    "a glacier’s final kilometre",
    "the cheese that won twice",
    "a battery made of paper",
    "the wrong mountain",
    "a hand-drawn atlas",
    "its only traffic light",
    "the bees of the town hall",
)
ENDINGS: Final = (
    "",
    " before the first snow",
    " after forty quiet years",
    ", and nobody objects",
    ": what the plans say",
    " — a reader’s guide",
    " with help from the neighbours",
    " for “one season only”",
    ' and calls it "a rehearsal"',
    " despite the fog",
    " in under three hours",
)
_RUNNING_TEXT: Final = """
    across again almost already among answer archive arrived asked avalanche bakery barely beside
    between bridge broadcast brought built cable careful carried ceiling cellar century chalk
    chapel choir clerk climbed clock cold committee copper corridor counted crossing curious
    decade delayed described drawing drift early echo eleven engine evening every explained
    failed farmer ferry fifty figure finished footpath forecast former forty found fourteen frozen
    garden gather glass gravel gradually hall hardly harvest heavy hidden hillside honey hours
    however hundred inside instead inventory kept kilometre kitchen ladder lantern later ledger
    letter library lift listening little locked machine manager measured meadow meeting metre
    midnight mill mirror month morning mountain narrow nearly neighbour never notebook nothing
    offered older opened orchard order outside paint paper parcel passed patient perhaps piano
    platform plough poem postal promise pump quarter quiet rails rather record refused repaired
    report returned river road roof room rope salt school seldom seven several shelf shepherd
    signal silent slope small snow sometimes station steady steel stone storm story street summer
    surveyor switch table tall ticket timber toward tower town train tunnel twice under until
    valley village visitor voice wagon waited walked wall warm water weather weeks while winter
    window without wooden workshop written yard younger
"""
WORDS: Final = tuple(_RUNNING_TEXT.split())
