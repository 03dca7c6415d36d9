"""Loaders: from files with front matter to stored documents."""

from loaders.load import check, load
from loaders.report import Problem, Report

__all__ = ["Problem", "Report", "check", "load"]
