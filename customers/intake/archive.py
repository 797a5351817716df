"""The part of the archive that a chunk of rows speaks of: read by a few queries, matched and grown in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from crm_site.core import names
from crm_site.imports.layout import Context
from customers import rules
from customers.intake import owners
from customers.intake.kept import Kept, fresh
from customers.models import Contact, Customer, Phone, Vehicle, VehicleRole

OWNER, BRINGER = VehicleRole.Kind.OWNER, VehicleRole.Kind.BRINGER

Person = Kept[Customer]
Car = Kept[Vehicle]


class Archive:
    """Customers, numbers, cars and roles of one store, as far as a chunk of rows needs them.

    With `lock` the rows are locked in the order of their keys, so that nobody's edit is lost while they are written.
    """

    def __init__(self, ctx: Context, *, lock: bool = False) -> None:
        self.ctx = ctx
        self.lock = lock
        self.people: list[Person] = []
        self.cars: list[Car] = []
        self.numbers: dict[Person, list[Kept[Phone]]] = defaultdict(list)
        self.owners: dict[Car, tuple[Kept[VehicleRole], Person]] = {}
        #: who has refused marketing: a list does not overrule it (intake.consents)
        self.wishes: frozenset[int] = frozenset()
        #: who else has to do with a car now: drivers, bringers, payers
        self.beside: dict[Car, list[Kept[VehicleRole]]] = defaultdict(list)
        #: who owned a car before, and until when
        self.former: dict[Car, list[owners.Former]] = defaultdict(list)
        self.roles: list[Kept[VehicleRole]] = []
        self.contacts: dict[tuple[Person, str], Kept[Contact]] = {}
        self.bringers: set[tuple[Car, Any]] = set()
        #: cars that have got an owner: their orders without a customer now have one
        self.claimed: list[Car] = []
        self._by_pk: dict[int, Person] = {}
        self._by_number: dict[str, Person] = {}
        #: customer number of a merged card → that card, which keeps what lists have said under it
        self._former: dict[str, Person] = {}
        self._by_phone: dict[str, list[Person]] = defaultdict(list)
        self._by_vin: dict[str, Car] = {}
        self._by_plate: dict[str, list[Car]] = defaultdict(list)
        self._car_by_pk: dict[int, Car] = {}

    # ---- reading ----------------------------------------------------------------------------------------------------

    def read(
        self,
        *,
        vins: Collection[str],
        phones: Collection[str],
        numbers: Collection[str] = (),
        plates: Collection[str] = (),
        car_ids: Collection[int] = (),
        people_ids: Collection[int] = (),
    ) -> None:
        """Fetch what the rows may mean: cars, their owners, whoever has one of the numbers, all of their phones."""
        meant = Q(vin__any_of=set(vins)) | Q(pk__in=set(car_ids)) | Q(vin=None, plate_no__any_of=set(plates))
        if self.lock:
            self._lock_people(meant, phones, numbers, people_ids)
        for vehicle in self._rows(Vehicle.objects.filter(meant)):
            self._index_car(Kept(vehicle))
        standing = VehicleRole.objects.filter(Q(role=OWNER) | Q(until=None), vehicle_id__in=list(self._car_by_pk))
        held = list(standing.order_by("pk"))
        roles = [role for role in held if role.role == OWNER]
        on_the_phone = Phone.objects.filter(store=self.ctx.store, number__any_of=set(phones), contact=None)
        wanted = {
            *people_ids,
            *(role.customer_id for role in roles),
            *on_the_phone.values_list("customer_id", flat=True),
        }
        self._read_people(Q(pk__in=wanted) | Q(number__any_of=set(numbers)))
        for role in roles:
            car, person = self._car_by_pk[role.vehicle_id], self._by_pk[role.customer_id]
            if role.until is None:
                self.owners[car] = (Kept(role), person)
            else:
                self.former[car].append(owners.Former(person, role.since, role.until))
        for role in held:
            if role.role != OWNER:
                self.beside[self._car_by_pk[role.vehicle_id]].append(Kept(role))

    def read_contacts(self) -> None:
        """Fetch the contacts of everybody here, and who brings which car."""
        known = Contact.objects.filter(customer_id__in=list(self._by_pk))
        for contact in known:
            self.contacts[self._by_pk[contact.customer_id], names.match_key(contact.name)] = Kept(contact)
        bringing = VehicleRole.objects.filter(vehicle_id__in=list(self._car_by_pk), role=BRINGER, until=None)
        for vehicle_id, contact_id in bringing.values_list("vehicle_id", "contact_id"):
            self.bringers.add((self._car_by_pk[vehicle_id], contact_id))

    def _lock_people(
        self, cars: Q, phones: Collection[str], numbers: Collection[str], people_ids: Collection[int]
    ) -> None:
        """Customers before cars, as the actions of people lock them, so that nobody waits for the other crosswise."""
        store = self.ctx.store
        owned = list(Vehicle.objects.filter(cars, store=store).values_list("pk", flat=True))
        owning = VehicleRole.objects.filter(vehicle_id__in=owned, role=OWNER)
        reached = Phone.objects.filter(store=store, number__any_of=set(phones), contact=None)
        keys = {
            *people_ids,
            *owning.values_list("customer_id", flat=True),
            *reached.values_list("customer_id", flat=True),
            *Customer.objects.filter(store=store, number__any_of=set(numbers)).values_list("pk", flat=True),
        }
        list(self._rows(Customer.objects.filter(pk__in=keys)).values_list("pk", flat=True))

    def _rows(self, rows: QuerySet) -> QuerySet:
        """Rows of the store; locked without holding up those who only point to them (a call that is being logged)."""
        ordered = rows.filter(store=self.ctx.store).order_by("pk")
        return ordered.select_for_update(no_key=True) if self.lock else ordered

    def read_people(self, keys: Collection[int]) -> None:
        """Fetch customers who have come into question since."""
        missing = set(keys) - self._by_pk.keys()
        if missing:
            self._read_people(Q(pk__in=missing))

    def _read_people(self, meant: Q) -> None:
        known = set(self._by_pk)
        found = list(self._rows(Customer.objects.filter(meant)))
        into = {customer.merged_into_id for customer in found} - {None, *(customer.pk for customer in found)} - known
        if into:  # a merged card leads to the one that stands for it
            found += self._rows(Customer.objects.filter(pk__in=into))
        for customer in sorted(found, key=lambda one: one.merged_into_id is not None):
            self._index_person(Kept(customer))
        for phone in Phone.objects.filter(customer_id__in=self._by_pk.keys() - known).order_by("rank", "pk"):
            self._index_phone(self._by_pk[phone.customer_id], Kept(phone))

    def _index_car(self, car: Car) -> None:
        self.cars.append(car)
        if car.obj.vin:
            self._by_vin[car.obj.vin] = car
        elif car.obj.plate_no:
            self._by_plate[car.obj.plate_no].append(car)
        if car.obj.pk:
            self._car_by_pk[car.obj.pk] = car

    def _index_person(self, person: Person) -> None:
        self.people.append(person)
        if person.obj.merged_into_id is not None:
            self._index_former(person)
            return
        if person.obj.number:
            self._by_number[person.obj.number] = person
        if person.obj.pk:
            self._by_pk[person.obj.pk] = person

    def _index_former(self, person: Person) -> None:
        """A merged card: its customer number and its key mean the one that stands for it."""
        survivor = self._by_pk[person.obj.merged_into_id]
        self._by_pk[person.obj.pk] = survivor
        if person.obj.number:
            self._by_number[person.obj.number] = survivor
            self._former[person.obj.number] = person

    def _index_phone(self, person: Person, phone: Kept[Phone]) -> None:
        self.numbers[person].append(phone)
        if not _is_of_contact(phone):
            self._by_phone[phone.obj.number].append(person)

    # ---- matching ---------------------------------------------------------------------------------------------------

    def car(self, vin: str | None) -> Car | None:
        """The car of a VIN."""
        return self._by_vin.get(vin) if vin else None

    def car_of_key(self, pk: int) -> Car:
        """A car that was read by its key."""
        return self._car_by_pk[pk]

    def car_by_plate(self, plate: str | None, person: Person) -> Car | None:
        """A car without a VIN, only if it is this person's: a plate alone proves nothing."""
        mine = (car for car in self._by_plate.get(plate or "", []) if self.owner(car) is person)
        return next(mine, None)

    def person_of_key(self, pk: int) -> Person:
        """A customer who was read by their key."""
        return self._by_pk[pk]

    def under(self, person: Person, number: str | None) -> Person:
        """Where it stands what lists have said of a person under a customer number: the card of that number.

        Two numbers of one customer may say two addresses; each is compared with what was said under it before.
        """
        return self._former.get(number or "", person)

    def owner(self, car: Car | None) -> Person | None:
        """Whose car it is now."""
        found = self.owners.get(car) if car else None
        return found[1] if found else None

    def owner_on(self, car: Car | None, day: date | None) -> Person | None:
        """Whose car it was on a day: the former owner's whose days these were, else whoever owns it now."""
        present = self.owners.get(car) if car else None
        began = present[0].obj.since if present else None
        if car is None or day is None or (present and (began is None or began <= day)):
            return self.owner(car)
        return owners.owner_on(self.former[car], day) or self.owner(car)

    def is_past_owner(self, car: Car, person: Person, since: date | None) -> bool:
        """Whether a list only repeats an ownership that we know to have ended."""
        return owners.is_over(self.former[car], person, since)

    def who(
        self, name: str, phones: list[str], car: Car | None, number: str | None = None
    ) -> tuple[Person | None, list[Person]]:
        """The customer meant; where none is, those of other names who have one of the numbers (never merged silently).

        The order is that of the archive: customer number; owner of the car by name; number and name. Two customers of
        different customer numbers are never one.
        """
        if number and number in self._by_number:
            return self._by_number[number], []
        owner = self.owner(car)
        if owner and self._fits(owner, name, number):
            return owner, []
        reached = list(dict.fromkeys(person for phone in phones for person in self._by_phone.get(phone, [])))
        for person in reached:
            if self._fits(person, name, number):
                return person, []
        return None, [person for person in reached if not same_name(person, name)]

    def _fits(self, person: Person, name: str, number: str | None) -> bool:
        return same_name(person, name) and not (number and person.obj.number)

    # ---- growing ----------------------------------------------------------------------------------------------------

    def new_person(self, name: str, number: str | None, **came: Any) -> Person:
        """A customer to be written."""
        customer = fresh(
            Customer, store=self.ctx.store, name=name, number=number or None, created_at=self.ctx.now, **came
        )
        person: Person = Kept(customer, is_new=True)
        self._index_person(person)
        return person

    def new_car(self, vin: str | None, plate: str = "", **came: Any) -> Car:
        """A car to be written."""
        vehicle = fresh(Vehicle, store=self.ctx.store, vin=vin or None, plate_no=plate, created_at=self.ctx.now, **came)
        car: Car = Kept(vehicle, is_new=True)
        self._index_car(car)
        return car

    def renumber(self, person: Person, number: str) -> None:
        """Give a customer without one the customer number that the file knows."""
        person.put("number", number)
        self._by_number[number] = person

    def say_phones(self, person: Person, said: list[str], source: list[str]) -> list[str]:
        """Add numbers to a customer and order them; gives those added."""
        kept = {phone.obj.number: phone for phone in self.numbers[person]}
        if kept.keys() >= set(said):
            return []
        own = [number for number, phone in kept.items() if not _is_of_contact(phone)]
        others = set(kept) - set(own)
        wanted = rules.phones_in_order(own, source, [number for number in said if number not in others])
        added = [number for number in wanted if number not in kept]
        for number in added:
            phone = fresh(Phone, store=self.ctx.store, customer=person.obj, number=number, kind=Phone.kind_of(number))
            kept[number] = Kept(phone, is_new=True)
            self._index_phone(person, kept[number])
        if added and person.obj.check_phone_since:  # 下次进厂核对电话: somebody has asked, and the list says so
            person.put("check_phone_since", None)
            person.put("check_phone_reason", "")
        if added:
            for rank, number in enumerate(wanted, start=1):
                if kept[number].obj.rank != rank:
                    kept[number].put("rank", rank)
        return added

    def give_car(self, car: Car, person: Person, since: date | None) -> bool:
        """Make somebody the owner of a car from a day on; the owner before ends the day before. Whether it changed.

        With the owner end the former card's own people: their driver would be dialled for the next owner's car.
        An ownership that began before the present one is written with its end, and the present one stays.
        """
        present = self.owners.get(car)
        if present is None:
            if self.is_past_owner(car, person, since):
                return False
            self._own(car, person, owners.after(self.former[car], since))
            return True
        role, owner = present
        if owner is person:
            return self._begin(role, since)
        start = role.obj.since
        if since and start and since < start:
            self._role(car, person, since, rules.last_day_before(start, since))
            return True
        successor = since or self.ctx.today
        for going in (role, *(one for one in self.beside[car] if _is_on_card(one, owner))):
            if going.obj.until is None:
                self._end(going, rules.last_day_before(successor, going.obj.since))
        self._own(car, person, successor)
        return True

    def _begin(self, role: Kept[VehicleRole], since: date | None) -> bool:
        if not since or role.obj.since is not None:
            return False
        role.put("since", since)
        self._keep_role(role)
        return True

    def _end(self, role: Kept[VehicleRole], until: date) -> None:
        role.put("until", until)
        self._keep_role(role)

    def _keep_role(self, role: Kept[VehicleRole]) -> None:
        if role not in self.roles:
            self.roles.append(role)

    def _own(self, car: Car, person: Person, since: date | None) -> None:
        if car.obj.state == Vehicle.State.SOLD:  # sold on, and here is to whom
            car.put("state", Vehicle.State.ACTIVE)
        self.owners[car] = (self._role(car, person, since, None), person)
        self.claimed.append(car)

    def _role(self, car: Car, person: Person, since: date | None, until: date | None) -> Kept[VehicleRole]:
        store = self.ctx.store
        role = fresh(
            VehicleRole, store=store, vehicle=car.obj, customer=person.obj, role=OWNER, since=since, until=until
        )
        kept = Kept(role, is_new=True)
        self.roles.append(kept)
        return kept

    def bring(self, car: Car, owner: Person, name: str, phones: list[str], since: date) -> None:
        """Remember who brought a car: a contact of its owner with their number, and their role on the car."""
        key = (owner, names.match_key(name))
        contact = self.contacts.get(key)
        if contact is None:
            store, identity = self.ctx.store, Contact.Identity.BRINGER
            made = fresh(Contact, store=store, customer=owner.obj, name=name, identity=identity)
            contact = self.contacts[key] = Kept(made, is_new=True)
        taken = {phone.obj.number for phone in self.numbers[owner]}
        for rank, number in enumerate((each for each in phones if each not in taken), start=len(taken) + 1):
            phone = fresh(
                Phone, store=self.ctx.store, customer=owner.obj, contact=contact.obj, number=number, rank=rank
            )
            phone.kind = Phone.kind_of(number)
            self._index_phone(owner, Kept(phone, is_new=True))
        if (car, contact.obj.pk or contact) in self.bringers:
            return
        self.bringers.add((car, contact.obj.pk or contact))
        role = fresh(
            VehicleRole, store=self.ctx.store, vehicle=car.obj, customer=owner.obj, contact=contact.obj, role=BRINGER,
            since=since,
        )  # fmt: skip
        self.roles.append(Kept(role, is_new=True))
        self.beside[car].append(self.roles[-1])


def _is_on_card(role: Kept[VehicleRole], person: Person) -> bool:
    """Whether a role is that of a customer or of one of their contacts; either may not be written yet."""
    known = person.obj.pk is not None and role.obj.customer_id == person.obj.pk
    return known or role.obj._state.fields_cache.get("customer") is person.obj


def _is_of_contact(phone: Kept[Phone]) -> bool:
    """Whether a number is that of somebody beside the customer, who may not be written yet."""
    return phone.obj.contact_id is not None or phone.obj._state.fields_cache.get("contact") is not None


def same_name(person: Person, name: str) -> bool:
    """Whether a customer is called like this, blanks, dots and titles aside."""
    return names.match_key(person.obj.name) == names.match_key(name)
