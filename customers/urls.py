"""Addresses of customers; ids only, never names, numbers or plates."""

from django.urls import path

from customers.views import bookings, card, cards, cars, edit, lists, numbers, phone_checks, plans, reveals
from customers.views import asking, correct, finding
from customers.views import fleet, handover, vehicle, wishes
from customers.views import fields
from customers.views.classing import defection, overview, segments
from customers.views.classing import lists as classed
from customers.views.care import addresses, corrections, hub, quality
from customers.views.care import numbers as suspects

app_name = "customers"
urlpatterns = [
    path("", lists.customers, name="list"),
    path("find/", finding.find, name="find"),
    path("suggest/", finding.suggest, name="suggest"),
    path("new/", cards.new, name="new"),
    path("care/", hub.hub, name="care"),
    path("care/numbers/", suspects.shared, name="care_shared"),
    path("care/numbers/staff/", suspects.staff, name="care_staff"),
    path("care/quality/", quality.page, name="quality"),
    path("care/quality/chart/", quality.chart, name="quality_chart"),
    path("care/quality/cards/", quality.cards, name="quality_cards"),
    path("care/corrections/", corrections.month, name="care_corrections"),
    path("care/addresses/", addresses.stale, name="care_addresses"),
    path("numbers/<int:pk>/not-theirs/", suspects.not_theirs, name="not_theirs"),
    path("<int:pk>/address/", addresses.address_state, name="address_state"),
    path("<int:pk>/correct/", correct.correct, name="correct"),
    path("classes/", overview.classes, name="classes"),
    path("classes/moves/", classed.moves, name="class_moves"),
    path("classes/leaving/", classed.leaving, name="leaving"),
    path("classes/win-back/", classed.winback, name="winback"),
    path("classes/fallen/", classed.fallen, name="fallen"),
    path("segments/", segments.segments, name="segments"),
    path("segments/new/", segments.new, name="segment_new"),
    path("segments/<int:pk>/count/", segments.count, name="segment_count"),
    path("segments/<int:pk>/retire/", segments.retire, name="segment_retire"),
    path("<int:pk>/leaving/", defection.defection, name="defection"),
    path("bookings/", bookings.list_of_days, name="bookings"),
    path("bookings/<int:pk>/", bookings.step, name="booking_step"),
    path("bookings/to-ask/", asking.to_ask, name="to_ask"),
    path("<int:pk>/asked/", asking.asked, name="asked"),
    path("bookings/phone-checks/", phone_checks.waiting, name="phone_checks"),
    path("<int:pk>/phone-check/", phone_checks.checked, name="phone_checked"),
    path("service-intervals/", plans.table, name="plans"),
    path("service-intervals/new/", plans.new, name="plan_new"),
    path("service-intervals/<int:pk>/", plans.change, name="plan"),
    path("service-intervals/<int:pk>/remove/", plans.remove, name="plan_remove"),
    path("fields/", fields.table, name="fields"),
    path("fields/new/", fields.new, name="field_new"),
    path("fields/<slug:code>/", fields.change, name="field"),
    path("fields/<slug:code>/reset/", fields.reset, name="field_reset"),
    path("<int:pk>/", card.card, name="card"),
    path("<int:pk>/edit/", edit.edit, name="edit"),
    path("<int:pk>/restrict/", cards.restrict, name="restrict"),
    path("<int:pk>/look/", reveals.reveal, name="reveal"),
    path("<int:pk>/numbers/new/", numbers.phone_new, name="phone_new"),
    path("<int:pk>/contacts/new/", numbers.contact_new, name="contact_new"),
    path("<int:pk>/wishes/new/", numbers.ban_new, name="ban_new"),
    path("<int:pk>/vehicles/new/", cars.vehicle_new, name="vehicle_new"),
    path("<int:pk>/fleet/", fleet.fleet, name="fleet"),
    path("<int:pk>/keeper/", fleet.keeper, name="keeper"),
    path("<int:pk>/consents/new/", wishes.consent_new, name="consent_new"),
    path("<int:pk>/wishes/", wishes.history, name="wishes"),
    path("vehicles/<int:pk>/", vehicle.page, name="car"),
    path("vehicles/<int:pk>/hand-over/", handover.hand_over, name="handover"),
    path("<int:customer_pk>/vehicles/<int:pk>/", cars.vehicle, name="vehicle"),
    path("<int:customer_pk>/vehicles/<int:pk>/state/", cars.vehicle_state, name="vehicle_state"),
    path("<int:customer_pk>/vehicles/<int:pk>/roles/new/", cars.role_new, name="role_new"),
    path("<int:customer_pk>/vehicles/<int:pk>/bookings/new/", bookings.new, name="booking_new"),
    path("roles/<int:pk>/end/", cars.role_end, name="role_end"),
    path("numbers/<int:pk>/", numbers.phone, name="phone"),
    path("numbers/<int:pk>/state/", numbers.phone_state, name="phone_state"),
    path("numbers/<int:pk>/remove/", numbers.phone_remove, name="phone_remove"),
    path("contacts/<int:pk>/", numbers.contact, name="contact"),
    path("wishes/<int:pk>/lift/", numbers.ban_lift, name="ban_lift"),
]
