"""The small and rare calls, by pyVmomi, inside the session that is already open.

pyVmomi is imported only here and only when one of these is wanted (0.1 s). Its stub gets the verified TLS
context and the session cookie; every call passes the same list of reading methods as the bulk client.
"""

import http.client
import time
from collections.abc import Iterator
from typing import Any
from xml.parsers.expat import ExpatError

from itops.inventory.entities import Value
from itops.sources.vsphere.session import Session
from itops.sources.vsphere.soap import READING_METHODS

_POLL_SECONDS = 0.2


class Rare:
    """pyVmomi over an open session."""

    def __init__(self, session: Session) -> None:
        from pyVmomi import SoapAdapter, vim, vmodl  # noqa: PLC0415  slow, and most scans of lone hosts never need it

        client = session.client

        base: Any = SoapAdapter.SoapStubAdapter

        class ReadingStub(base):  # type: ignore[misc]
            """A stub that counts its calls and refuses what does not read."""

            def InvokeMethod(self, mo: Any, info: Any, args: Any, outerStub: Any = None) -> Any:  # noqa: N802, N803
                """pyVmomi's own hook, under pyVmomi's own name."""
                assert info.wsdlName in READING_METHODS, info.wsdlName
                client.requests[info.wsdlName] += 1
                return super().InvokeMethod(mo, info, args, outerStub)

        self._vim: Any = vim  # its types are made at run time, so they are Any to the type checker
        self._collector: Any = vmodl.query.PropertyCollector
        # All that a rare call may end in: it costs a gap, never the scan. The last two are pyVmomi's own complaints.
        self.failures: tuple[type[Exception], ...] = (
            vmodl.MethodFault, OSError, http.client.HTTPException, ExpatError,
        )  # fmt: skip
        self._stub: Any = ReadingStub(
            host=client.server.host,
            port=client.server.port,
            version="vim.version.version11",
            sslContext=client.server.context,
            httpConnectionTimeout=client.server.read_timeout_seconds,
        )
        self._stub.cookie = f"{client.cookie}; $Path=/" if client.cookie else ""
        self._session = session

    def assigned_licenses(self, manager: str) -> dict[str, list[Value]]:
        """Host moref -> names of its licences. Source: LicenseAssignmentManager.QueryAssignedLicenses."""
        assignment = self._vim.LicenseAssignmentManager(manager, self._stub)
        found: dict[str, list[Value]] = {}
        for entry in assignment.QueryAssignedLicenses():
            if entry.entityId and entry.assignedLicense:
                found.setdefault(entry.entityId, []).append(entry.assignedLicense.name)
        return found

    def files(self, browser: str, datastore: str, limit_seconds: float) -> Iterator[dict[str, Value]]:
        """Every file of a datastore: path, folder, type and size (bytes). Raises TimeoutError, vim and vmodl faults.

        Source: HostDatastoreBrowser.SearchDatastoreSubFolders_Task, one search for the whole datastore.
        """
        search = self._vim.host.DatastoreBrowser
        details = search.FileInfo.Details(fileType=True, fileSize=True, modification=False, fileOwner=False)
        task = search(browser, self._stub).SearchDatastoreSubFolders_Task(
            f"[{datastore}]", search.SearchSpec(matchPattern=["*"], details=details)
        )
        for result in self._result(task, limit_seconds):
            for entry in result.file:
                folder = result.folderPath if result.folderPath.endswith("/") else result.folderPath + "/"
                bare = f"[{datastore}]/"
                folder = f"[{datastore}] " if folder in (bare, f"[{datastore}] /") else folder
                yield {
                    "path": entry.path,
                    "folder": folder,
                    "type": type(entry).__name__.rpartition(".")[2],
                    "size": entry.fileSize,
                }

    def _result(self, task: Any, limit_seconds: float) -> Any:
        began = time.monotonic()
        while True:
            info = self._session_info(task)
            if info.state == "success":
                return info.result
            if info.state == "error":
                raise info.error
            if time.monotonic() - began > limit_seconds:
                raise TimeoutError(f"the search took more than {limit_seconds:.0f} s")
            time.sleep(_POLL_SECONDS)

    def _session_info(self, task: Any) -> Any:
        """task.info by RetrievePropertiesEx, the same road as everything else."""
        collector = self._collector
        spec = collector.FilterSpec(
            objectSet=[collector.ObjectSpec(obj=task)],
            propSet=[collector.PropertySpec(type=self._vim.Task, pathSet=["info"])],
        )
        manager = collector(self._session.managers["propertyCollector"][1], self._stub)
        found = manager.RetrievePropertiesEx([spec], collector.RetrieveOptions())
        if not (found and found.objects and found.objects[0].propSet):
            raise TimeoutError("the server does not show how far the search is")
        return found.objects[0].propSet[0].val

    def privileges(self, username: str) -> tuple[str, ...]:
        """What the account may do at the root. Source: AuthorizationManager.FetchUserPrivilegeOnEntities."""
        manager = self._vim.AuthorizationManager(self._session.managers["authorizationManager"][1], self._stub)
        root = self._vim.Folder(self._session.managers["rootFolder"][1], self._stub)
        found = manager.FetchUserPrivilegeOnEntities([root], username)
        return tuple(privilege for entry in found for privilege in entry.privileges)
