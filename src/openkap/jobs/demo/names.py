"""Names of people who do not exist, mixed from many places so that no two sound alike."""

from random import Random

GIVEN = {
    "female": (
        "Elena", "Ewa", "Marta", "Leila", "Hana", "Nora", "Aoife", "Ingrid", "Priya", "Chiara", "Zuri", "Mei",
        "Sofia", "Anneke", "Ruth", "Yasmin", "Tamsin", "Lucía", "Kirsi", "Amina", "Odette", "Ilse", "Shira",
        "Beatriz", "Wanda", "Noemi", "Saoirse", "Thandi", "Mirela", "Freya",
    ),
    "male": (
        "Tomás", "Samir", "Idris", "Paulo", "Jonas", "Kofi", "Mateusz", "Henrik", "Arjun", "Luca", "Tariq",
        "Wen", "Diego", "Pieter", "Caleb", "Rafael", "Ewan", "Javier", "Antti", "Musa", "Lucien", "Anton",
        "Eitan", "Bruno", "Leszek", "Andrei", "Cormac", "Sipho", "Milan", "Sindre",
    ),
}  # fmt: skip
FAMILY = (
    "Marsh", "Reyes", "Ibarra", "Lindholm", "Bello", "Achten", "Ferreira", "Suzuki", "Haddad", "Karimi",
    "Brandt", "O'Farrell", "Nyström", "Raghavan", "Bellini", "Mwangi", "Liang", "Castellanos", "Verhoeven",
    "Abrams", "Darwish", "Pendle", "Quiroga", "Mäkinen", "Diallo", "Laurent", "Vogt", "Shalev", "Monteiro",
    "Wójcik", "Popescu", "Brannigan", "Dlamini", "Kovač", "Halvorsen", "Tremblay", "Okonkwo", "Sato",
    "Whitcombe", "Zielinski", "Moreau", "Andrade", "Fitch", "Ozturk", "Rasmussen", "Petrova", "Calloway",
    "Nakamura", "Silva", "Hargrove", "Yilmaz", "Beckett", "Osei", "Larkspur", "Tanaka", "Winterbourne",
    "Delgado", "Strand", "Mbeki", "Aldous", "Fairweather", "Castane", "Lowry", "Penhaligon", "Rooke",
)  # fmt: skip


def names(random: Random, count: int) -> list[tuple[str, str, str]]:
    """`count` people as (given name, family name, sex), no family name twice while there are enough."""
    families = random.sample(FAMILY, len(FAMILY))
    given = {sex: random.sample(pool, len(pool)) for sex, pool in GIVEN.items()}
    people = []
    for number in range(count):
        sex = "female" if random.random() < 0.58 else "male"
        people.append((given[sex][number % len(given[sex])], families[number % len(families)], sex))
    return people
