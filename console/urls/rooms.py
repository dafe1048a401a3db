"""Addresses of the board, the incidents, their rooms and the editor."""

from django.urls import URLPattern, path

from console.views import access, board, clockwork, dry_run, editor, incidents, kit, room, search, story, tokens

urlpatterns: list[URLPattern] = [
    path("", board.board, name="board"),
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/new/", incidents.incident_new, name="incident_new"),
    path("incidents/<slug:public_id>/", room.room, name="room"),
    path("incidents/<slug:public_id>/change/", room.change, name="incident_change"),
    path("incidents/<slug:public_id>/access/", access.access, name="incident_access"),
    path("incidents/<slug:public_id>/note/", room.note, name="incident_note"),
    path("incidents/<slug:public_id>/updates/", room.start, name="update_new"),
    path("incidents/<slug:public_id>/etr/", clockwork.etr, name="incident_etr"),
    path("incidents/<slug:public_id>/milestone/", clockwork.milestone, name="incident_milestone"),
    path("incidents/<slug:public_id>/snooze/", clockwork.snooze, name="incident_snooze"),
    path("policy/<int:number>/dry-run/", dry_run.dry_run, name="dry_run"),
    path("policy/dry-run/<int:run>/progress/", dry_run.progress, name="dry_run_progress"),
    path("updates/<slug:public_id>/edit/", editor.editor, name="editor"),
    path("updates/<slug:public_id>/save/", editor.save, name="editor_save"),
    path("updates/<slug:public_id>/preview/", editor.preview, name="editor_preview"),
    path("updates/<slug:public_id>/story/", story.story, name="story"),
    path("search/", search.search, name="search"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<str:token_id>/revoke/", tokens.revoke, name="token_revoke"),
    path("kit/", kit.kit, name="kit"),
]
