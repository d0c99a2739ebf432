"""Web pages to text."""

import pytest

from stance.errors import InputError
from stance.extraction import extract, html_to_text

PAGE = """<!doctype html><html><head><title>Talks fail | Daily Paper</title>
<meta property="og:title" content="Talks fail"><meta property="article:published_time" content="2024-05-03T10:00:00Z">
</head><body><nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>Talks fail</h1>
<p>GENEVA - The talks on the border ended on Friday without a result, after nine days in a hotel by the lake.</p>
<p>&ldquo;We will come back when there is something to sign,&rdquo; the French envoy said as she left the building.</p>
<p>The hosts said that another round was planned for the autumn, and that both sides had been invited to it.</p>
</article><footer>Copyright Daily Paper. “Subscribe now,” said nobody.</footer></body></html>"""


@pytest.mark.parametrize("page", [PAGE, PAGE.encode()])
def test_article_title_and_date_of_a_page(page):
    found = html_to_text(page)
    assert "Copyright" not in found.text
    assert found.title == "Talks fail"
    assert found.date == "2024-05-03"
    statements = extract(found.text, title=found.title)
    assert "We will come back when there is something to sign," in [s.text for s in statements]
    assert all(s.text == " ".join(found.text[a:b] for a, b in s.spans) for s in statements)


@pytest.mark.parametrize("page", ["", b"", "<html><body></body></html>", "\x00\x01"])
def test_a_page_without_text_is_an_error(page):
    with pytest.raises(InputError, match=r"no readable article; save its text"):
        html_to_text(page)
