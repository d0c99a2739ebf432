"""Find the statements in an article: what was said, by whom, and for which country.

>>> from stance.extraction import extract
>>> extract('"Sanctions must be lifted," the Russian ambassador said.')[0].speaker.country
'RUS'
"""

from stance.extraction.article import extract
from stance.extraction.page import Page, html_to_text
from stance.extraction.speech import extract_speech

__all__ = ["Page", "extract", "extract_speech", "html_to_text"]
