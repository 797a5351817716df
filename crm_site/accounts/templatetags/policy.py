"""Lets a template ask the policy table: `{% load policy %}{% if request.user|may:"revisits.call" %}`."""

from typing import Any

from django import template

from crm_site.accounts import policy

register = template.Library()


@register.filter
def may(user: Any, capability: str) -> bool:
    """Whether the user has a capability in any of the visible stores; raises KeyError for an unknown one."""
    return policy.allows(user, capability)
