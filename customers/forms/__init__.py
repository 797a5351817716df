"""What people type about customers, cars, numbers and wishes, turned into clean values."""

from customers.forms.cards import CustomerForm, NewCustomerForm, ReasonForm
from customers.forms.cars import EndRoleForm, NewVehicleForm, RoleForm, VehicleForm
from customers.forms.numbers import BanForm, ContactForm, NewContactForm, PhoneForm

__all__ = [
    "BanForm",
    "ContactForm",
    "CustomerForm",
    "EndRoleForm",
    "NewContactForm",
    "NewCustomerForm",
    "NewVehicleForm",
    "PhoneForm",
    "ReasonForm",
    "RoleForm",
    "VehicleForm",
]
