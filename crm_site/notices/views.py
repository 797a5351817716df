"""What waits for a user to know: the list, and marking it as read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core import paging
from crm_site.notices import actions
from crm_site.notices.models import Notice
from crm_site.notices.wording import sentence


@guard.needs("notices")
def list_notices(request: HttpRequest) -> HttpResponse:
    """One's own notices, newest first."""
    mine = Notice.objects.visible_to(request.user)
    page = paging.paginate(mine, order=["-at"], cursor=request.GET.get("after", ""))
    rows = [(notice, sentence(notice.code, notice.params)) for notice in page]
    context = {"page": page, "rows": rows, "unread": actions.unread_count(request.user)}
    return render(request, "notices/list.html", context)


@require_POST
@guard.needs("notices")
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark the named notices, or all, as read; a notice opened by its button leads on to what it speaks of."""
    keys = [int(key) for key in request.POST.getlist("notice") if key.isascii() and key.isdigit() and len(key) < 19]
    actions.mark_read(request.user, keys if "notice" in request.POST else None)
    if len(keys) == 1:
        notice = guard.get_or_404(Notice.objects, request, pk=keys[0])
        if notice.url:
            return redirect(notice.url)
    return redirect("notices:list")
