"""Addresses of the room."""

from django.urls import path

from crm_site.worktime.views import absences, days, hours

app_name = "worktime"

urlpatterns = [
    path("", hours.overview, name="overview"),
    path("stores/<int:pk>/hours/", hours.opening_hours, name="opening_hours"),
    path("stores/<int:pk>/desk/", hours.desk_rota, name="desk_rota"),
    path("calendar/", days.calendar, name="calendar"),
    path("calendar/days/add/", days.add_store_days, name="add_store_days"),
    path("calendar/days/remove/", days.remove_days, name="remove_days"),
    path("calendar/days/<int:pk>/", days.change_day, name="change_day"),
    path("calendar/holidays/add/", days.add_company_days, name="add_company_days"),
    path("calendar/<int:shown>/list/", days.enter_list, name="enter_list"),
    path("absences/", absences.absences, name="absences"),
    path("absences/new/", absences.enter, name="absence_new"),
    path("absences/<int:pk>/cancel/", absences.cancel, name="absence_cancel"),
    path("calendar/<int:shown>/load/", days.load_list, name="load_list"),
]
