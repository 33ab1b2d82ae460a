"""The page of a document, whichever kind it is."""

from __future__ import annotations

from engagement_cli.render.documents import BoardPage, Divisions, Document, Facts, Profile, Report, Rows, ViewPage
from engagement_cli.render.page import Page


def page_of(document: Document) -> Page:
    """The page of a document; what draws the others is not loaded."""
    match document:
        case Report():
            from engagement_cli.render.pages.report import report_page

            return report_page(document)
        case ViewPage():
            from engagement_cli.render.pages.view import view_page

            return view_page(document)
        case BoardPage():
            from engagement_cli.render.pages.board import board_page

            return board_page(document)
        case Rows():
            from engagement_cli.render.pages.plain import rows_page

            return rows_page(document)
        case Facts():
            from engagement_cli.render.pages.facts import facts_page

            return facts_page(document)
        case Profile():
            from engagement_cli.render.pages.profile import profile_page

            return profile_page(document)
        case Divisions():
            from engagement_cli.render.pages.distributions import divisions_page

            return divisions_page(document)
