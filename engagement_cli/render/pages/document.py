"""The page of a document, whichever kind it is."""

from __future__ import annotations

from engagement_cli.render.documents import BoardPage, Divisions, Document, Facts, Profile, Report, Rows, ViewPage
from engagement_cli.render.page import Page
from engagement_cli.render.pages.board import board_page
from engagement_cli.render.pages.distributions import divisions_page
from engagement_cli.render.pages.facts import facts_page
from engagement_cli.render.pages.plain import rows_page
from engagement_cli.render.pages.profile import profile_page
from engagement_cli.render.pages.report import report_page
from engagement_cli.render.pages.view import view_page


def page_of(document: Document) -> Page:
    """The page of a document."""
    match document:
        case Report():
            return report_page(document)
        case ViewPage():
            return view_page(document)
        case BoardPage():
            return board_page(document)
        case Rows():
            return rows_page(document)
        case Facts():
            return facts_page(document)
        case Profile():
            return profile_page(document)
        case Divisions():
            return divisions_page(document)
