"""What people type about customers, cars, numbers and wishes, turned into clean values."""

from customers.forms.bookings import BookingForm, IntervalsForm, NewIntervalsForm, NumberSaidForm
from customers.forms.cards import CustomerForm, NewCustomerForm, ReasonForm
from customers.forms.cars import EndRoleForm, NewVehicleForm, RoleForm, VehicleForm
from customers.forms.numbers import BanForm, ContactForm, CorrectPhoneForm, NewContactForm, PhoneForm

__all__ = [
    "BanForm",
    "BookingForm",
    "ContactForm",
    "CorrectPhoneForm",
    "CustomerForm",
    "EndRoleForm",
    "IntervalsForm",
    "NewContactForm",
    "NewCustomerForm",
    "NewIntervalsForm",
    "NewVehicleForm",
    "NumberSaidForm",
    "PhoneForm",
    "ReasonForm",
    "RoleForm",
    "VehicleForm",
]
