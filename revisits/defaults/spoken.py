"""The words that fill a script's variables: what is read aloud is Chinese, whatever the language of the page."""

from customers.models import JobType

#: what we did on the day that the call refers to
WHAT_OF_JOB = {
    JobType.FIRST_SERVICE: "在本店做了首次保养",
    JobType.SCHEDULED: "在本店做了定期保养",
    JobType.ACCIDENT: "在本店做了事故维修",
    JobType.WARRANTY: "在本店做了索赔维修",
    JobType.BODY: "在本店做了钣金喷漆",
    JobType.REWORK: "在本店做了返修",
}
SERVICED, DELIVERED, COMPLAINED = "在本店做了维修", "在本店提车", "向我们反映了问题"
SOMEBODY, CAR = "车主", "爱车"
EITHER = "先生/女士"
SALUTATIONS = {"m": "先生", "f": "女士"}
DAY = "{month}月{day}日"
