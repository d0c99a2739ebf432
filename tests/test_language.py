from __future__ import annotations

import pytest

from stance.inference.language import foreign_language, language_error

FOREIGN = {
    "fr": (
        "Le ministre a déclaré hier devant la presse que son pays ne renoncera jamais à protéger ses "
        "citoyens, et que les mesures prises par le Conseil doivent être appliquées par tous les États sans "
        "aucune exception."
    ),
    "de": (
        "Der Außenminister sagte am Montag in Berlin, die Regierung werde die Maßnahmen nicht aufheben, "
        "solange die Gegenseite ihre Zusagen nicht einhält und die Angriffe auf die Städte im Osten des "
        "Landes weitergehen."
    ),
    "es": (
        "El embajador afirmó ante el Consejo que las medidas unilaterales perjudican sobre todo a la "
        "población civil y que su país seguirá pidiendo que se levanten de inmediato y sin ninguna condición "
        "previa."
    ),
    "ru": (
        "Министр заявил, что его страна никогда не согласится с ограничениями, введёнными в обход Совета, и "
        "будет и дальше защищать своих граждан и свои границы всеми доступными ей средствами."
    ),
    "ar": (
        "قال الوزير إن بلاده لن تقبل أبدا بهذه العقوبات الظالمة التي تضر بالشعب قبل الحكومة، وإنها ستواصل "
        "الدفاع عن حدودها ومواطنيها بكل الوسائل المتاحة لها وفق القانون الدولي وميثاق الأمم المتحدة"
    ),
    "zh": (
        "外交部发言人星期二在例行记者会上表示，中方一贯反对任何国家绕过安理会实施单边制裁，呼吁有关"
        "各方保持克制，通过对话协商解决分歧，共同维护本地区的和平与稳定。"
    ),
    "ja": (
        "外務大臣は記者会見で、制裁の解除はまだ早いと述べ、すべての加盟国に対して決議を完全に履行す"
        "るよう改めて求めるとともに、国民の安全を守るために必要な措置をとる考えを示した。"
    ),
    "pt": (
        "O chanceler disse aos jornalistas que o seu governo não apoia sanções unilaterais e que a solução "
        "para a crise só pode ser encontrada com diálogo entre todas as partes, sem ameaças e sem o uso da "
        "força."
    ),
    "it": (
        "Il ministro degli Esteri ha detto che le sanzioni devono restare in vigore finché le truppe non si "
        "saranno ritirate, e che il suo governo continuerà a sostenere il diritto di quel popolo a "
        "difendersi."
    ),
    "tr": (
        "Dışişleri Bakanı dün yaptığı açıklamada ülkesinin bu yaptırımları hiçbir zaman kabul etmeyeceğini ve"
        " sınırlarını korumak için gereken her türlü adımı atmaya devam edeceğini söyledi."
    ),
    "ko": (
        "외무성 대변인은 월요일 기자회견에서 이번 시험은 자위적 조치이며 적대적인 정책이 "
        "계속되는 한 국방력을 강화하는 일을 결코 멈추지 않을 것이라고 거듭 밝혔다."
    ),
    "fa": (
        "سخنگوی وزارت خارجه گفت که این تحریم‌ها غیرقانونی است و کشورش هرگز زیر فشار مذاکره نخواهد کرد و به "
        "دفاع از مردم و مرزهای خود با همه توان ادامه خواهد داد"
    ),
    "id": (
        "Menteri luar negeri mengatakan kepada para wartawan bahwa negaranya tidak akan pernah menerima "
        "sanksi sepihak seperti itu dan akan terus meminta agar semua pihak kembali ke meja perundingan "
        "secepatnya."
    ),
}
ENGLISH = {
    "plain": (
        "The minister told reporters on Monday that the measures would stay in force until the last soldier "
        "had left, and that nobody should doubt the resolve of his government to see them enforced."
    ),
    "names": (
        "Sheikh Mohammed bin Abdulrahman Al Thani, Sergey Vershinin, Nguyễn Phương Nga, Jean-Yves Le Drian, "
        "Wang Wenbin and Péter Szijjártó met in Ouagadougou on Tuesday to talk about Nagorno-Karabakh."
    ),
    "quote": (
        'The French envoy closed with a phrase of her own: "Nous ne céderons jamais devant la force," she '
        "said, and left the chamber before the delegates of the other members could answer what she had said."
    ),
    "numbers": (
        "Resolution 2397 (2017), paras. 5, 8, 9 and 21: caps of 500,000 barrels of refined petroleum and "
        "4,000,000 barrels of crude oil per 12 months; see also S/2019/691 and S/2020/151, annexes 3 to 11."
    ),
}


@pytest.mark.parametrize("language", FOREIGN)
def test_other_languages_are_named(language):
    assert foreign_language(FOREIGN[language]) == language


@pytest.mark.parametrize("case", ENGLISH)
@pytest.mark.parametrize("change", [str, str.upper])
def test_english_is_accepted(case, change):
    assert foreign_language(change(ENGLISH[case])) is None


@pytest.mark.parametrize("text", ["", "Non.", "Nous ne céderons jamais devant la force.", "制裁必须取消。", "12 345"])
def test_short_texts_are_accepted(text):
    assert foreign_language(text) is None


def test_menus_in_another_language_do_not_decide():
    menu = "\n".join(["Accueil", "Politique étrangère", "Nous contacter", "Mentions légales", "Qui sommes-nous"] * 5)
    assert foreign_language(f"{menu}\n{ENGLISH['plain']} {ENGLISH['plain']}") is None
    assert foreign_language("Home\nAbout us\nContact\nSign in\n" * 5 + FOREIGN["fr"] * 3) == "fr"


def test_a_long_line_costs_no_more_than_its_sample():
    assert foreign_language(FOREIGN["de"] * 20_000) == "de"


def test_the_message_names_language_and_remedy():
    assert language_error("fr") == "language is 'fr', not English; use --language any to score it anyway"
    assert language_error("fr", "language='any'").endswith("; use language='any' to score it anyway")
