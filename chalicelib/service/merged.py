"""A case that was merged goes on in another one, which may have been merged as well."""

from chalicelib.domain.case import Case
from chalicelib.service.ports import Store

FURTHEST = 20


def followed(store: Store, case: Case | None) -> Case | None:
    """The case in which this one goes on, or the last that is still there. Costs a read only where it was merged."""
    for _ in range(FURTHEST):
        further = store.case(case.brand, case.merged_into) if case and case.merged_into else None
        if further is None:
            break
        case = further
    return case


def leads_to(store: Store, case_id: str | None, case: Case) -> bool:
    """Whether what was said in one case belongs to the other by now."""
    if case_id is None or case_id == case.id:
        return case_id is not None
    further = followed(store, store.case(case.brand, case_id))
    return further is not None and further.id == case.id
