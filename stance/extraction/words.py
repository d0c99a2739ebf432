"""Small classes of English words that the rules ask for."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Split a string into a set of words."""
    return frozenset(text.split())


DETERMINERS = word_set(
    "the a an this that these those its his her their my our your some any each every another both two three four "
    "five six seven eight nine ten one several many most other no all few more various dozens hundreds"
)
POSSESSIVES = word_set("its his her their my our your")
PREPOSITIONS = word_set(
    "of in on at to for from by with about against between into through during under over within without among "
    "across towards toward upon near inside outside behind beyond via per before after since until despite amid "
    "alongside like as concerning regarding unlike beside besides following including than according around above "
    "below off"
)
PRONOUNS = word_set("he she they it we i you who which him her them one")
SUBJECT_PRONOUNS = word_set("he she they it we i you")
CONJUNCTIONS = word_set(
    "and but or while whereas although though because since when where if unless until after before so yet nor as "
    "that whether"
)
AUXILIARIES = word_set(
    "is are was were be been being has have had do does did will would shall should can could may might must 's "
    "isn't aren't wasn't weren't hasn't haven't hadn't doesn't didn't won't wouldn't can't cannot couldn't "
    "shouldn't"
)
BE = word_set("is are was were be been being isn't aren't wasn't weren't")
HAVE = word_set("has have had")
MODALS = word_set("would will could should may might must can")
DAYS = word_set("monday tuesday wednesday thursday friday saturday sunday")
MONTHS = word_set("january february march april may june july august september october november december")
TIMES = DAYS | word_set("today yesterday tonight earlier later afterwards afterward recently overnight")
ADVERBS = TIMES | word_set(
    "also later then again however nevertheless nonetheless likewise once only now still further furthermore too "
    "just even never always often already meanwhile instead perhaps indeed therefore thus moreover yet rather "
    "first finally though well so ever not n't separately publicly privately here there afterwards elsewhere soon "
    "simply angrily merely previously simultaneously"
)
NOT_ADVERBS = word_set(
    "nearly exactly roughly approximately mostly fully family reply ally supply italy july assembly early daily "
    "weekly elderly only friendly lonely holy likely anomaly fly rely apply"
)
ROLES = word_set(
    "ambassador envoy representative delegate minister president premier chancellor secretary spokesman "
    "spokeswoman spokesperson spokespeople official officials diplomat diplomats leader chief head director "
    "commissioner senator congressman congresswoman lawmaker lawmakers deputy governor mayor general colonel "
    "admiral commander king queen prince emir sheikh sultan pope judge prosecutor analyst expert economist "
    "professor researcher activist farmer fisherman driver nurse teacher resident witness negotiator coordinator "
    "chairman chairwoman chairperson chair speaker lawyer adviser advisor counsellor consul attache chargé "
    "officer soldier officers authorities ministry government embassy mission office military army navy police "
    "agency council commission committee department company counterpart colleague rapporteur member members "
    "parliamentarian candidate opposition observer observers source sources aide briefer neighbour neighbor "
    "editor trader doctor captain major lieutenant sergeant marshal worker student owner founder author historian "
    "scholar strategist legislator councillor president-elect vice-president undersecretary under-secretary- "
    "general secretary-general director-general high-commissioner undersecretary-general assistant-secretary- "
    "general statement commentary report newspaper broadcaster"
)
TITLES = word_set(
    "mr mr. mrs mrs. ms ms. dr dr. sir dame lord lady prof prof. sen sen. rep rep. gen gen. col col. lt lt. capt "
    "capt. maj maj. gov gov. president prime minister foreign defence defense interior finance secretary deputy "
    "vice ambassador envoy chancellor premier king queen prince princess sheikh sayyid ayatollah pope general "
    "colonel major admiral rear lieutenant captain brigadier commander senator congressman congresswoman "
    "commissioner director speaker governor mayor judge professor state spokesman spokeswoman spokesperson chief "
    "chairman chairwoman chair special senior representative high press commodore marshal sergeant under- "
    "secretary-general secretary-general assistant mullah mawlawi rabbi father sister archbishop bishop cardinal "
    "patriarch undersecretary counsellor consul delegate farmer trade environment energy information agriculture "
    "economy health education justice permanent acting former then interim caretaker lawmaker attorney solicitor "
    "cabinet affairs external relations union rev rev. hon hon. mp mp. chargé d'affaires us u.s. un u.n. eu"
)
PASTS = word_set(
    "began became brought built bought came cut did drew drove fell felt found flew gave got grew heard hit kept "
    "knew led left lost met paid put ran rose sat sent set shot spent stood struck swept took threw won broke "
    "chose caught dug fought forgot hurt laid lay lent let shut slept spoke stole taught wore went made leaves "
    "comes goes takes makes wants needs remains shows seems"
)
