"""deploy/: units, proxies, image and compose file are well-formed, agree with each other, and name only what exists."""

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix not in {".html", ".pyc"})
#: set by systemd, the shell, an image or PostgreSQL, not by whoever installs
OF_OTHERS = {
    "LISTEN_FDS", "PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "POSTGRES_PASSWORD", "OWNER_PASSWORD",
    "APP_PASSWORD", "SITE", "WEB", "AWAY",
    # switches of deploy/update.sh, told in its head and in docs/operations.md
    "ACCEPT_LOCKS", "SETTINGS", "OWNER_SETTINGS", "APP_ROLE", "ACCOUNT", "BACKUPS", "ROLLING", "SETTLE_SECONDS",
    "UNITS",
}  # fmt: skip
HARDENED = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateTmp": "yes", "ProtectHome": "yes", "User": "huifang",
    "CapabilityBoundingSet": "", "UMask": "0077",
}  # fmt: skip
DIRECTIVES = {"FROM", "WORKDIR", "ENV", "COPY", "RUN", "USER", "EXPOSE", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "CMD"}


def parsed(unit: Path) -> dict[str, dict[str, str]]:
    """{section: {name: value}} of a unit; a name that may come again keeps its last value."""
    sections: dict[str, dict[str, str]] = {}
    for line in unit.read_text().splitlines():
        if line.startswith("["):
            found = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, _equals, value = line.partition("=")
            found[name] = value
    return sections


def nginx() -> str:
    return (DEPLOY / "nginx/huifang.conf").read_text()


def compose() -> dict:
    return yaml.safe_load((DEPLOY / "docker/compose.yaml").read_text())


# ---- systemd --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_may_do_no_more_than_it_needs(unit):
    service = parsed(unit)["Service"]
    assert HARDENED.items() <= service.items()
    assert "/var/lib/huifang" in service["ReadWritePaths"]
    assert service["ExecStart"].startswith("/opt/huifang/")


@pytest.mark.parametrize("unit", [one for one in SERVICES if "backup" not in one.name], ids=lambda unit: unit.name)
def test_what_runs_always_is_bounded_and_stops_within_30_seconds(unit):
    service = parsed(unit)["Service"]
    assert service["TimeoutStopSec"] == "30"
    assert service["Restart"] == "always"
    assert service["MemoryMax"]


def test_both_web_servers_share_a_door_that_stays_open():
    service = parsed(DEPLOY / "systemd/huifang-web@.service")["Service"]
    assert (service["Type"], service["Sockets"]) == ("notify", "huifang-web.socket")
    door = parsed(DEPLOY / "systemd/huifang-web.socket")["Socket"]["ListenStream"]
    assert f"unix:{door}" in nginx()
    assert f"unix/{door}" in (DEPLOY / "caddy/Caddyfile").read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(tmp_path):
    for unit in UNITS:
        text = unit.read_text()
        # the programs are not installed on this machine; whatever else is wrong shows
        text = re.sub(r"^(Exec\w+)=/opt/huifang/\S+", r"\1=/bin/true", text, flags=re.MULTILINE)
        text = re.sub(r"^(User|Group|SocketUser|SocketGroup)=.*$", r"\1=root", text, flags=re.MULTILINE)
        text = re.sub(r"^EnvironmentFile=", "EnvironmentFile=-", text, flags=re.MULTILINE)
        (tmp_path / unit.name.replace("@.", "@a.")).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    about_ours = [line for line in done.stderr.splitlines() if "huifang" in line]
    assert (about_ours, done.returncode) == ([], 0)


# ---- proxies --------------------------------------------------------------------------------------------------------


def test_the_proxies_take_the_products_largest_upload_and_a_little_more():
    from crm_site.core.web import door

    largest = max(door.UPLOADS.values()) * settings.MAX_UPLOAD_BYTES + door.FORM_BYTES
    for text in (nginx(), (DEPLOY / "caddy/Caddyfile").read_text()):
        taken = (
            int(re.search(r"(?:client_max_body_size (\d+)m|max_size (\d+)MiB)", text)[0].split()[1].rstrip("mMiB"))
            * 1024**2
        )
        assert largest <= taken <= largest * 1.2


def test_what_a_browser_says_of_itself_is_not_passed_on():
    text = nginx()
    assert "proxy_add_x_forwarded_for" not in text
    for header in ("X-Forwarded-For $remote_addr", "X-Forwarded-Proto https", "X-Request-ID $request_id"):
        assert f"proxy_set_header {header};" in text
    assert "return 301 https://" in text
    assert "non_idempotent" not in text


def test_nginx_writes_an_invitations_address_into_no_log():
    plain, with_tls = nginx().split("\nserver {")[1:]
    assert "access_log off;" in plain
    assert re.findall(r"^    access_log .* if=(\S+);", with_tls, re.MULTILINE) == ["$told"]
    assert re.search(r"~\^/link/ 0;", nginx())
    place = re.search(r"location /link/ \{(.*?)\}", with_tls, re.DOTALL)[1]
    assert re.search(r"error_log \S+ emerg;", place), "a web server that is away is written with crit"
    assert "error_page 502 504 =503 /away.html;" in place


def test_who_saves_while_the_web_is_away_reads_the_page_too():
    assert "@away" not in nginx(), "a named place keeps the method, and a file answers no POST: 405"
    assert "internal;" in re.search(r"location = /away.html \{(.*?)\}", nginx(), re.DOTALL)[1]


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_takes_its_file(tmp_path):
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=x",
        "-keyout",
        "key",
        "-out",
        "crt",
    ]
    subprocess.run(make, cwd=tmp_path, check=True, capture_output=True)
    text = nginx().replace("/etc/ssl/huifang/fullchain.pem", f"{tmp_path}/crt").replace("/var/log/nginx", str(tmp_path))
    text = text.replace("/var/cache", str(tmp_path))
    text = text.replace("/etc/ssl/huifang/key.pem", f"{tmp_path}/key").replace("[::]:", "127.0.0.2:")
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; events {{}} http {{ {text} }}")
    command = ["nginx", "-t", "-p", str(tmp_path), "-e", f"{tmp_path}/log", "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_caddy_is_asked_for_nothing_that_the_distributions_lacks():
    assert not re.search(r"handle_errors \d", (DEPLOY / "caddy/Caddyfile").read_text()), "a list of codes came with 2.8"


@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed")
def test_caddy_takes_its_file(tmp_path):
    command = ["caddy", "adapt", "--adapter", "caddyfile", "--config", str(DEPLOY / "caddy/Caddyfile")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"HOME": str(tmp_path)}
    )
    assert done.returncode == 0, done.stderr


def test_the_page_of_a_proxy_alone_needs_nothing_from_elsewhere():
    page = (DEPLOY / "nginx/away.html").read_text()
    assert 'lang="zh-Hans"' in page
    assert not re.search(r"(src|href)=|<script|<style", page)


# ---- image and compose file -----------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """(directive, rest) of every line of the Dockerfile."""
    text = (DEPLOY / "docker/Dockerfile").read_text().replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_is_built_in_stages_from_hashes_and_does_not_run_as_root():
    steps = instructions()
    assert {name for name, _rest in steps} <= DIRECTIVES
    assert [rest.split()[0] for name, rest in steps if name == "FROM"] == ["python:3.11-slim-bookworm"] * 2
    assert any("--require-hashes --no-deps -r requirements.txt" in rest for name, rest in steps if name == "RUN")
    assert [rest for name, rest in steps if name == "USER"] == ["huifang"]
    assert "/healthz" in dict(steps)["HEALTHCHECK"]
    assert "STOPSIGNAL" in dict(steps)


def test_no_secret_state_or_history_goes_into_the_image():
    ignored = (DEPLOY / "docker/Dockerfile.dockerignore").read_text().splitlines()
    assert {".git", ".env", "**/*.env", "var", ".venv", "**/*.sqlite3"} <= set(ignored)


def test_the_first_argument_of_every_command_in_the_image_is_there():
    commands = [ast.literal_eval(rest) for name, rest in instructions() if name == "CMD"]
    assert [command[0] for command in commands] == ["gunicorn"]
    assert (ROOT / commands[0][2]).exists()


def test_only_the_one_that_prepares_gets_the_owners_role():
    services = compose()["services"]
    with_owner = {name for name, one in services.items() if "owner.env" in one.get("env_file", [])}
    assert with_owner == {"prepare"}
    assert services["prepare"]["restart"] == "no"
    for name in ("web1", "web2", "worker", "beat"):
        assert services[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["stop_grace_period"] == "30s"
    assert {name for name, one in services.items() if "ports" in one} == {"proxy"}


def test_every_volume_and_file_of_the_compose_file_is_there():
    content = compose()
    for service in content["services"].values():
        for entry in service.get("volumes", []):
            source = entry.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / "docker" / source).exists(), source
            else:
                assert source in content["volumes"]
        for other in service.get("depends_on", []):
            assert other in content["services"]
        assert {"image", "restart"} <= service.keys()


# ---- what all of them name ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_every_variable_is_told_in_the_example(path):
    told = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    text = "\n".join(line for line in path.read_text().splitlines() if not line.strip().startswith(("#", "--", "//")))
    named = set(
        re.findall(r"\$\{?([A-Z][A-Z_]{2,})|\benviron\S*?\(?\[?\"([A-Z_]+)\"|\b((?:HUIFANG|DB)_[A-Z_]+)[=:]", text)
    )
    assert {name for group in named for name in group if name} - told - OF_OTHERS == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_every_command_exists(path):
    prefix = r"(?:\$manage(?: --\w+)?|deploy/manage\.sh(?: --\w+)?|manage\.py)"
    named = set(re.findall(rf"{prefix} ([a-z][a-z_0-9]+)", path.read_text())) - {"with"}
    assert named - get_commands().keys() == set()


def managed(settings: Path, *words: str) -> subprocess.CompletedProcess:
    """What deploy/manage.sh says with this file of settings, run by the account of the tests."""
    env = {"SETTINGS": str(settings), "PATH": os.environ["PATH"]}
    command = ["sh", str(DEPLOY / "manage.sh"), "--root", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (None, "is not there"),
        ('SECRET_KEY="quoted"\n', "SECRET_KEY stands in quotes"),
        ("ALLOWED_HOSTS=crm.example.cn\n", "SECRET_KEY is missing"),
        ("SECRET_KEY=x\n", "ALLOWED_HOSTS is missing"),
        ("SECRET_KEY=x\nALLOWED_HOSTS=x\nDATABASE_URL=postgres://a:b#c@h/d\n", "DATABASE_URL cannot be read"),
        ("SECRET_KEY=x\nALLOWED_HOSTS=x\nDATABASE_URL=postgres://a:b@127.0.0.1:1/d\n", "Does the database run"),
    ],
)
def test_settings_that_cannot_be_used_are_named_in_plain_words(lines, words, tmp_path):
    settings = tmp_path / "huifang.env"
    if lines is not None:
        settings.write_text(lines + f"HUIFANG_VAR={tmp_path}\n")
    done = managed(settings, "weigh_migrations")
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "b#c" not in done.stderr, "the password is told"


def test_settings_may_say_that_commands_speak_chinese(tmp_path):
    settings = tmp_path / "huifang.env"
    settings.write_text(f"LC_ALL=zh_CN.UTF-8\nALLOWED_HOSTS=x\nHUIFANG_VAR={tmp_path}\n")
    done = managed(settings, "backup")
    assert done.returncode == 2
    what, advice = done.stderr.splitlines()
    assert what.startswith("缺少 SECRET_KEY。")
    assert advice.startswith("→ 配置写在 /etc/huifang/huifang.env")


@pytest.mark.parametrize("path", [one for one in FILES if one.suffix == ".sh"], ids=lambda path: path.name)
def test_the_shell_takes_the_scripts(path):
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0


@pytest.fixture
def updated(tmp_path):
    """Runs deploy/update.sh in a checkout whose commands only note what they were asked for; gives what happened."""
    (tmp_path / ".venv/bin").mkdir(parents=True)
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    for name in (".venv/bin/python", "deploy/manage.sh", "rolling"):
        note = f'#!/bin/sh\necho "$*" >>{tmp_path}/asked\ncase " $* " in *" $REFUSED "*) exit 1 ;; esac\n'
        (tmp_path / name).write_text(note)
        (tmp_path / name).chmod(0o700)

    def run(refused: str = "-") -> tuple[subprocess.CompletedProcess, list[str]]:
        env = {"PATH": os.environ["PATH"], "REFUSED": refused, "ROLLING": str(tmp_path / "rolling")}
        env |= {"SETTLE_SECONDS": "0", "OWNER_SETTINGS": "/nowhere", "UNITS": "/nowhere"}
        command = ["sh", str(tmp_path / "deploy/update.sh")]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
        return done, (tmp_path / "asked").read_text().splitlines()

    return run


def test_an_update_installs_what_the_new_version_needs_before_it_runs_any_of_it(updated):
    done, asked = updated()
    assert done.returncode == 0
    assert asked[0].startswith("-m pip install")
    assert asked[1].startswith("backup"), "before anything is changed"
    assert "git checkout" not in done.stderr


@pytest.mark.parametrize("refused", ["pip", "backup", "weigh_migrations"])
def test_an_update_that_is_refused_says_how_to_go_back(updated, refused):
    done, asked = updated(refused)
    assert done.returncode == 1
    assert "git checkout - && deploy/update.sh" in done.stderr
    assert not any("grant_rights" in one for one in asked)


def test_settings_need_no_line_break_at_their_end(tmp_path):
    settings = tmp_path / "huifang.env"
    settings.write_text(f"HUIFANG_VAR={tmp_path}\nALLOWED_HOSTS=x\nSECRET_KEY=x\nDATABASE_URL=postgres://a:b#c@h/d")
    assert "DATABASE_URL cannot be read" in managed(settings, "weigh_migrations").stderr
