"""Documentation queries: what the note leaves open or contradicts, asked without leading the clinician."""

from cac.queries.axes import open_axis
from cac.queries.contradictions import documentation_queries, load_conflicts, load_terms

__all__ = ["documentation_queries", "load_conflicts", "load_terms", "open_axis"]
