"""The console's addresses, under /console/."""

from console.urls.channels import urlpatterns as channels
from console.urls.deciding import urlpatterns as deciding
from console.urls.escalation import urlpatterns as escalation
from console.urls.governance import urlpatterns as governance
from console.urls.policy import urlpatterns as policy
from console.urls.register import urlpatterns as register
from console.urls.rooms import urlpatterns as rooms
from console.urls.roster import urlpatterns as roster

app_name = "console"
urlpatterns = [*rooms, *governance, *deciding, *policy, *register, *roster, *channels, *escalation]
