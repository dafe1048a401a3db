"""The public page as files on disk: written whole, verified, swapped in by one rename.

Pure file work on the standard library and the brotli encoder: no Django, no database, no other package of ours, so
that a page can still be published when everything else is down.

Layout of a *target* folder, which is the whole contract between the writer and whoever serves it (the page process,
nginx, any static host)::

    TARGET/
      current -> v/42          the live version; the only thing ever swapped, by rename(2)
      v/42/index.html          the files of version 42 ...
      v/42/index.html.gz       ... each with its gzip and brotli form beside it, where that is smaller
      v/42/index.html.br
      v/42/.manifest.json      size and SHA-256 of every file; written last, so that it proves a version complete
      static/page.1f0c...css   content-addressed assets, written once, cached for ever
      v/42/.archive -> ../../archive/roots/9c1e...   the pages of the archive that belong to version 42
      archive/roots/9c1e.../incidents/k3 -> ../../../drawers/...   one pointer per drawer
      archive/drawers/incidents-k3-05d2...-77ab.../k3v9x2m7q1w8.html   pages that change seldom (closed incidents, past months), with their
                               encoded forms and a manifest, written once and shared by all versions that need them
      .lock, v/.staging-*      the writers' own

How an address finds its file (the same for the page process and ``deploy/nginx/statuspage.conf``): a trailing slash
is ignored; ``/`` is ``index.html``; ``/static/...`` is looked up in ``static/`` alone; any other ``/x`` is the first
of ``x``, ``x.html``, ``x/index.html`` that exists in the live version; then, for ``/incidents/k3v9...`` and
``/history/2026-11``, of ``x`` and ``x.html`` in its drawer of the version's archive (``names.DRAWERS``); else 404 with the
live version's ``404.html``. Names with a leading dot and the ``.gz`` and ``.br`` forms have no address of their own.

``publish`` puts a version live with its archive, ``current`` names the live one, ``put_static`` writes assets.
"""

from statuspage.snapshot.archive import Drawer
from statuspage.snapshot.errors import BadName, SnapshotBusy, SnapshotDamaged, SnapshotError
from statuspage.snapshot.live import Live, current
from statuspage.snapshot.names import drawer_of
from statuspage.snapshot.publishing import KEPT_VERSIONS, Published, publish
from statuspage.snapshot.singles import put_static

__all__ = [
    "KEPT_VERSIONS",
    "BadName",
    "Drawer",
    "Live",
    "Published",
    "SnapshotBusy",
    "SnapshotDamaged",
    "SnapshotError",
    "current",
    "drawer_of",
    "publish",
    "put_static",
]
