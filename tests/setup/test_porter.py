"""Between two tests nobody is answered: who is inside may finish, who comes late is turned away."""

import threading

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test.client import ClientHandler

from tests.porter import Porter, TurnedAway


def test_the_door_waits_for_whoever_is_inside():
    porter, is_shut = Porter(), threading.Event()

    def shut() -> None:
        with porter.shut():
            is_shut.set()

    porter._enter(WSGIHandler)
    waiting = threading.Thread(target=shut)
    waiting.start()
    assert not is_shut.wait(0.1)
    porter._leave(WSGIHandler)
    waiting.join(5)
    assert is_shut.is_set()


def test_who_comes_late_is_turned_away_until_the_door_is_open_again():
    porter = Porter()
    with porter.shut(), pytest.raises(TurnedAway):
        porter._enter(WSGIHandler)
    porter._enter(WSGIHandler)
    assert porter.inside == 1


def test_the_test_client_is_not_asked():
    porter = Porter()
    with porter.shut():
        porter._enter(ClientHandler)
        porter._leave(None)
    assert porter.inside == 0
