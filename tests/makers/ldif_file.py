"""An LDIF of OpenLDAP's own slapadd and slapcat; no server runs."""

import subprocess
from pathlib import Path

FORMAT = "ldif"
SUFFIX = ".ldif"
OBJECT: str | None = "dc=insurance,dc=example"
OTHER: str | None = "dc=payroll,dc=example"
NEEDS: tuple[str, ...] = ("slapadd", "slapcat")

_CONFIG = """include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
maxsize 16777216
suffix "{suffix}"
rootdn "cn=admin,{suffix}"
directory {folder}
"""
_TOP = """dn: {suffix}
objectClass: dcObject
objectClass: organization
dc: {name}
o: {name}

"""
_PERSON = """dn: uid=user{number},{suffix}
objectClass: inetOrgPerson
uid: user{number}
sn: کاربر {number}
cn: user {number}
description: {words}

"""


def slapcat(folder: Path, name: str, people: int = 40) -> Path:
    suffix = f"dc={name},dc=example"
    database = folder / f"database-{name}"
    database.mkdir()
    config, source, target = database / "slapd.conf", database / "source.ldif", folder / "directory.ldif"
    config.write_text(_CONFIG.format(suffix=suffix, folder=database))
    entries = [_TOP.format(suffix=suffix, name=name)]
    entries += [_PERSON.format(suffix=suffix, number=number, words="words " * 30) for number in range(people)]
    source.write_text("".join(entries))
    subprocess.run(["slapadd", "-q", "-f", config, "-l", source], check=True, capture_output=True)
    subprocess.run(["slapcat", "-f", config, "-l", target], check=True, capture_output=True)
    return target


def good(folder: Path) -> Path:
    return slapcat(folder, "insurance")


def another(folder: Path) -> Path:
    return slapcat(folder, "payroll")
