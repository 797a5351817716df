"""Jobs carry keys only; whatever holds a number of a person after all is told, and emptied (settings.PERSONAL_DATA)."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.core.persons import Holding, Person, naming, room, without_words


def _naming(person: Person) -> Q:
    return Q(store_id=person.store_id) & naming("jobs.Job", ("payload", "result"), person.words)


ROOM = room(
    _("Background jobs"),
    (Holding("jobs.Job", _("Background jobs"), _naming, {"payload": without_words, "result": without_words}),),
)
