"""What an ordering policy would have done: demand, lead times and opening stock replayed day by day.

Nothing here decides how much to order: the parameters come from the warehouse, month by month, as they were known then.
Nothing here is read by the platform: outcomes leave as files, like any result from outside.
"""
